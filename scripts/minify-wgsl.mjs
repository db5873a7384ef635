// WGSL without comments and without the white space that no token needs. Names stay, so that a message of the driver can be read.

const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|\s+|[A-Za-z_][A-Za-z0-9_]*|0[xX][0-9a-fA-F]+[iu]?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fhiu]?|./g;
const WORD = /^[A-Za-z0-9_.]/;
/** Never part of a longer token. */
const LONE = /^[()[\]{};,]$/;

/** @param {string} text */
export function minifyWgsl(text) {
  let out = '';
  let last = '';
  let spaced = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (/^(?:\s|\/\/|\/\*)/.test(token)) {
      spaced = true;
      continue;
    }
    // `a - -b` is not `a--b`: two operators stay apart if they were, and so do two words.
    if (spaced && last !== '' && !LONE.test(last) && !LONE.test(token) && WORD.test(last) === WORD.test(token)) out += ' ';
    out += token;
    last = token;
    spaced = false;
  }
  return out;
}
