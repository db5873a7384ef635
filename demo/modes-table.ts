/** The table of modes: sorted by any column, each row highlighting its ellipses under the pointer, by focus, or for good by a click. */

import type { Box } from '../src/problems/problem.ts';
import type { ModeRow } from './modes.ts';
import { axisName, coordinate, number, share } from './numbers.ts';

type Column = 'rank' | 'value' | 'weight' | 'components' | number;

/** Coordinates that a table shows; the others are in the exports. */
const MOST_AXES = 12;
const MOST_ROWS = 200;

export class ModesTable {
  readonly #table: HTMLTableElement;
  readonly #highlight: (components: ReadonlySet<number>) => void;
  #rows: readonly ModeRow[] = [];
  #column: Column = 'rank';
  #falling = false;
  /** The row that stays highlighted, by its leading component or place. */
  #chosen: string | undefined;
  #axes = -1;
  #box: Box = [];

  constructor(table: HTMLTableElement, highlight: (components: ReadonlySet<number>) => void) {
    this.#table = table;
    this.#highlight = highlight;
    table.tBodies[0]!.addEventListener('mouseleave', () => this.#show(this.#chosen));
  }

  /** The best first, as far as ranks go. */
  show(rows: readonly ModeRow[], box: Box): void {
    this.#rows = rows;
    this.#box = box;
    const axes = Math.min(rows[0]?.x.length ?? 0, MOST_AXES);
    if (axes !== this.#axes) this.#writeHead(axes);
    this.#writeBody();
  }

  /** No row is highlighted any more. */
  release(): void {
    this.#chosen = undefined;
    this.#show(undefined);
  }

  #writeHead(axes: number): void {
    this.#axes = axes;
    if (typeof this.#column === 'number' && this.#column >= axes) this.#column = 'rank';
    const columns: [Column, string][] = [
      ['rank', '#'],
      ['value', 'value'],
      ['weight', 'weight'],
      ['components', 'K'],
      ...Array.from({ length: axes }, (_, axis): [Column, string] => [axis, axisName(axis)]),
    ];
    const row = document.createElement('tr');
    for (const [column, title] of columns) {
      const head = document.createElement('th');
      head.scope = 'col';
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = title;
      button.dataset.column = String(column);
      button.addEventListener('click', () => {
        this.#falling = column === this.#column ? !this.#falling : false;
        this.#column = column;
        this.#markSorted();
        this.#writeBody();
      });
      head.append(button);
      row.append(head);
    }
    this.#table.tHead!.replaceChildren(row);
    this.#markSorted();
  }

  #markSorted(): void {
    for (const button of this.#table.tHead!.querySelectorAll('button')) {
      const sorted = button.dataset.column === String(this.#column);
      const head = button.parentElement!;
      if (sorted) head.setAttribute('aria-sort', this.#falling ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    }
  }

  #writeBody(): void {
    const ranked = this.#rows.map((row, rank) => ({ row, rank }));
    const key = ({ row, rank }: (typeof ranked)[number]): number => {
      if (this.#column === 'rank') return rank;
      if (this.#column === 'components') return row.components.length;
      return typeof this.#column === 'number' ? row.x[this.#column]! : row[this.#column];
    };
    ranked.sort((a, b) => (this.#falling ? key(b) - key(a) : key(a) - key(b)));
    const focused = (document.activeElement as HTMLElement | null)?.dataset?.row;
    const body = this.#table.tBodies[0]!;
    // Rows are kept and written over: a table that grows anew in every frame cannot be pointed at.
    const wanted = Math.min(ranked.length, MOST_ROWS);
    while (body.rows.length > wanted) body.deleteRow(-1);
    while (body.rows.length < wanted) this.#addRow(body);
    for (let i = 0; i < wanted; i++) this.#write(body.rows[i]!, ranked[i]!.row, ranked[i]!.rank);
    if (focused) [...body.rows].find(({ dataset }) => dataset.row === focused)?.focus();
  }

  #addRow(body: HTMLTableSectionElement): void {
    const row = body.insertRow();
    row.tabIndex = 0;
    row.addEventListener('mouseenter', () => this.#show(row.dataset.row));
    row.addEventListener('focus', () => this.#show(row.dataset.row));
    row.addEventListener('blur', () => this.#show(this.#chosen));
    const choose = () => {
      this.#chosen = this.#chosen === row.dataset.row ? undefined : row.dataset.row;
      this.#writeBody();
      this.#show(this.#chosen);
    };
    row.addEventListener('click', choose);
    row.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        choose();
      } else if (event.key === 'ArrowDown') (row.nextElementSibling as HTMLElement | null)?.focus();
      else if (event.key === 'ArrowUp') (row.previousElementSibling as HTMLElement | null)?.focus();
    });
  }

  #write(row: HTMLTableRowElement, mode: ModeRow, rank: number): void {
    const name = nameOf(mode, rank);
    row.dataset.row = name;
    row.className = mode.global ? 'global' : '';
    row.setAttribute('aria-selected', String(name === this.#chosen));
    const texts = [
      String(rank + 1),
      number(mode.value, 4),
      share(mode.weight),
      String(mode.components.length),
      ...mode.x.slice(0, this.#axes).map((x, axis) => coordinate(x, this.#box[axis]!)),
    ];
    while (row.cells.length > texts.length) row.deleteCell(-1);
    texts.forEach((text, i) => {
      const cell = row.cells[i] ?? row.insertCell();
      if (cell.textContent !== text) cell.textContent = text;
    });
  }

  #show(name: string | undefined): void {
    const found = name === undefined ? undefined : this.#rows.find((row, rank) => nameOf(row, rank) === name);
    this.#highlight(new Set(found?.components));
  }
}

const nameOf = ({ polished, components }: ModeRow, rank: number): string => (polished ? `mode-${rank}` : `component-${components[0]}`);
