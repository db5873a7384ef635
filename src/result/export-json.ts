/**
 * A result as JSON text, one line for each field, so that files of two runs can be compared line by line.
 *
 * JSON has no NaN and no infinities: they become null. Typed arrays become lists. Numbers keep all their digits.
 *
 * @example
 * writeFileSync('result.json', toJson(result));
 */
export function toJson(result: object): string {
  const fields = Object.entries(result)
    .filter(([, value]) => value !== undefined && typeof value !== 'function')
    .map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value, listed)}`);
  return fields.length === 0 ? '{}\n' : `{\n${fields.join(',\n')}\n}\n`;
}

const listed = (_name: string, value: unknown): unknown =>
  ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as unknown as ArrayLike<number>) : value;
