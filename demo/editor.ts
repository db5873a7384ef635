/** The objective's text: CodeMirror with WGSL's colours, and compile errors at their line as one types. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Mistake } from './check.ts';
import { wgsl } from './wgsl-language.ts';

/** Quiet time after a keystroke before the text is compiled. */
const QUIET = 350;

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--code-keyword)' },
  { tag: tags.typeName, color: 'var(--code-type)' },
  { tag: tags.number, color: 'var(--code-number)' },
  { tag: tags.atom, color: 'var(--code-number)' },
  { tag: tags.comment, color: 'var(--code-comment)', fontStyle: 'italic' },
  { tag: tags.function(tags.variableName), color: 'var(--code-function)' },
  { tag: tags.operator, color: 'var(--quiet)' },
  { tag: tags.meta, color: 'var(--quiet)' },
]);

export class Editor {
  readonly #view: EditorView;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The text being set by the page is nobody's edit. */
  #setting = false;

  /** `edited` is called with the text once typing rests. */
  constructor(parent: HTMLElement, edited: (text: string) => void) {
    this.#view = new EditorView({
      parent,
      state: EditorState.create({
        extensions: [
          lineNumbers(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          highlightActiveLine(),
          wgsl,
          syntaxHighlighting(colours),
          lintGutter(),
          EditorState.tabSize.of(2),
          // Escape, then Tab, leaves the editor: CodeMirror's own way out for keyboards.
          keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
          EditorView.contentAttributes.of({ 'aria-label': 'Objective in WGSL', spellcheck: 'false', autocapitalize: 'off' }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged || this.#setting) return;
            clearTimeout(this.#timer);
            this.#timer = setTimeout(() => edited(this.text), QUIET);
          }),
        ],
      }),
    });
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  set text(text: string) {
    if (text === this.text) return;
    clearTimeout(this.#timer);
    this.#setting = true;
    this.#view.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text } });
    this.#setting = false;
    this.mistake = undefined;
  }

  set mistake(mistake: Mistake | undefined) {
    this.#view.dispatch(setDiagnostics(this.#view.state, mistake ? [this.#diagnostic(mistake)] : []));
  }

  #diagnostic({ line, column, message }: Mistake): Diagnostic {
    const { doc } = this.#view.state;
    const row = doc.line(Math.min(line, doc.lines));
    const from = Math.min(row.from + column - 1, row.to);
    const word = /^\w+/.exec(doc.sliceString(from, row.to))?.[0].length ?? 1;
    return { from, to: Math.min(from + word, row.to), severity: 'error', message };
  }
}
