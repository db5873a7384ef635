/** WGSL's words and numbers for the editor: colours only, no grammar. The device's compiler says what is wrong. */
import { StreamLanguage } from '@codemirror/language';

const keywords = new Set(
  'alias break case const const_assert continue continuing default diagnostic discard else enable fn for if let loop override requires return struct switch var while'.split(
    ' ',
  ),
);
const types = new Set(
  'bool f16 f32 i32 u32 array atomic ptr vec2 vec3 vec4 vec2f vec3f vec4f vec2i vec3i vec4i vec2u vec3u vec4u mat2x2f mat3x3f mat4x4f Point Hessian Observation'.split(
    ' ',
  ),
);
/** What the library sets. */
const given = new Set(['DIM', 'OBSERVATIONS', 'true', 'false', 'function', 'private', 'storage', 'uniform', 'workgroup']);

export const wgsl = StreamLanguage.define<{ comments: number }>({
  name: 'wgsl',
  startState: () => ({ comments: 0 }),
  token(stream, state) {
    if (state.comments > 0 || stream.match('/*')) {
      if (state.comments === 0) state.comments = 1;
      // Block comments nest.
      while (!stream.eol()) {
        if (stream.match('*/')) {
          if (--state.comments === 0) break;
        } else if (stream.match('/*')) state.comments++;
        else stream.next();
      }
      return 'comment';
    }
    if (stream.eatSpace()) return null;
    if (stream.match('//')) {
      stream.skipToEnd();
      return 'comment';
    }
    if (stream.match(/^@\w+/)) return 'meta';
    if (stream.match(/^0[xX][\da-fA-F.]+(p[+-]?\d+)?[iufh]?/) || stream.match(/^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[iufh]?/)) return 'number';
    const word = stream.match(/^[\p{L}_][\p{L}\p{N}_]*/u) as RegExpMatchArray | null;
    if (word) {
      const [name] = word;
      if (keywords.has(name!)) return 'keyword';
      if (types.has(name!)) return 'typeName';
      if (given.has(name!)) return 'atom';
      return stream.match(/^\s*\(/, false) ? 'variableName.function' : 'variableName';
    }
    if (stream.match(/^[-+*/%=<>!&|^~]+/)) return 'operator';
    stream.next();
    return 'punctuation';
  },
  languageData: { commentTokens: { line: '//', block: { open: '/*', close: '*/' } }, closeBrackets: { brackets: ['(', '[', '{'] } },
});
