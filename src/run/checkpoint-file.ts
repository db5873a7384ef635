/**
 * Checkpoints as bytes, and as JSON. Binary, little-endian:
 *
 *   0   magic, 8 bytes (a transfer that mends line ends breaks it)
 *   8   u32 version of this format      12  u32 bytes of the header
 *   16  f64 bytes of the file           24  u32 CRC-32 of all other bytes      28  u32 zero
 *   32  the header: JSON in UTF-8, padded to 8 bytes with spaces; then the arrays, each from a multiple of 8
 *
 * In the header an array of numbers stands as { "$f32": [first byte after the header, length] }, a number that JSON has not as
 * { "$number": "NaN" }. The JSON form has the same header, and the arrays as base64.
 */
import { CheckpointError, type CheckpointFault } from '../gpu/errors.ts';
import type { Checkpoint, SavedCheckpoint, State } from './checkpoint.ts';

/** Raised whenever a reader of the version before would read it wrongly. */
export const CHECKPOINT_FORMAT = 1;

const MAGIC = [0x89, 0x4d, 0x53, 0x43, 0x50, 0x0d, 0x0a, 0x1a];
const JSON_NAME = 'modescape checkpoint';
const PREAMBLE = 32;
const CHECKSUM = 24;

const arrays = { $f32: Float32Array, $f64: Float64Array, $u32: Uint32Array } as const;
type ArrayName = keyof typeof arrays;

const padded = (bytes: number): number => 8 * Math.ceil(bytes / 8);

/** Checked bytes: the header as it was parsed, and the arrays behind it. */
interface Opened {
  header: unknown;
  body: Uint8Array;
}

/** The binary form: compact, and the same for the same state. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const parts: { at: number; array: Float32Array | Float64Array | Uint32Array }[] = [];
  let bytes = 0;
  const header = JSON.stringify(checkpoint, (_, value: unknown) => {
    const name = arrayName(value);
    if (name) {
      const array = value as Float32Array;
      parts.push({ at: bytes, array });
      bytes += padded(array.byteLength);
      return { [name]: [parts[parts.length - 1]!.at, array.length] };
    }
    return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)) ? { $number: numberName(value) } : value;
  });
  const body = new Uint8Array(bytes);
  for (const { at, array } of parts) body.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
  return assemble(header, body, CHECKPOINT_FORMAT);
}

/** The checkpoint in either form. @throws CheckpointError that says what is wrong with it */
export function decodeCheckpoint(saved: SavedCheckpoint): Checkpoint {
  const { header, body } = open(bytesOf(saved));
  const revived = revive(header, body) as unknown as Checkpoint;
  const { kind, version, identity, adapter, state, iteration, evaluations, seconds } = revived ?? {};
  const plain = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const sound =
    ['solver', 'search', 'inversion'].includes(kind) &&
    typeof version === 'string' &&
    [iteration, evaluations, seconds].every((value) => typeof value === 'number') &&
    [identity, adapter, state].every(plain);
  if (!sound) throw fault('corrupted', 'it lacks parts that every checkpoint has');
  return revived;
}

/** The JSON form of a binary checkpoint: its header can be read, its arrays are base64. @throws CheckpointError */
export function checkpointToJson(bytes: Uint8Array): string {
  const { header, body } = open(bytes);
  let text = '';
  for (let at = 0; at < body.length; at += 8192) text += String.fromCharCode(...body.subarray(at, at + 8192));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return JSON.stringify({
    format: JSON_NAME,
    version: view.getUint32(8, true),
    checksum: view.getUint32(CHECKSUM, true),
    header,
    arrays: btoa(text),
  });
}

function assemble(header: string, body: Uint8Array, version: number, checksum?: number): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const headerBytes = padded(text.length);
  const bytes = new Uint8Array(PREAMBLE + headerBytes + body.length);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, version, true);
  view.setUint32(12, headerBytes, true);
  view.setFloat64(16, bytes.length, true);
  bytes.fill(0x20, PREAMBLE, PREAMBLE + headerBytes);
  bytes.set(text, PREAMBLE);
  bytes.set(body, PREAMBLE + headerBytes);
  view.setUint32(CHECKSUM, checksum ?? checksumOf(bytes), true);
  return bytes;
}

/** From any form to the binary one, unchecked. */
function bytesOf(saved: SavedCheckpoint): Uint8Array {
  if (saved instanceof ArrayBuffer) return new Uint8Array(saved);
  if (ArrayBuffer.isView(saved)) return saved instanceof Uint8Array ? saved : new Uint8Array((saved as DataView).buffer);
  if (typeof saved !== 'string') throw fault('foreign', 'it is neither bytes nor text');
  let json: { format?: unknown; version?: unknown; checksum?: unknown; header?: unknown; arrays?: unknown } | null;
  try {
    json = JSON.parse(saved);
  } catch {
    throw saved.trimStart().startsWith('{"format"')
      ? fault('truncated', 'its JSON ends early or is damaged')
      : fault('foreign', 'it is no checkpoint of modescape');
  }
  if (typeof json !== 'object' || json === null || json.format !== JSON_NAME) throw fault('foreign', 'it is no checkpoint of modescape');
  const { version, checksum, header } = json;
  if (typeof version !== 'number' || typeof checksum !== 'number' || typeof json.arrays !== 'string' || header === undefined) {
    throw fault('corrupted', 'its JSON lacks version, checksum, header or arrays');
  }
  if (version > CHECKPOINT_FORMAT) throw newer(version);
  try {
    const body = Uint8Array.from(atob(json.arrays), (character) => character.charCodeAt(0));
    return assemble(JSON.stringify(header), body, version, checksum);
  } catch {
    throw fault('corrupted', 'its arrays are not base64');
  }
}

function open(bytes: Uint8Array): Opened {
  if (bytes.length < MAGIC.length || !MAGIC.every((byte, at) => bytes[at] === byte)) {
    const begins = bytes.length > 0 && MAGIC.slice(0, bytes.length).every((byte, at) => bytes[at] === byte);
    throw begins ? fault('truncated', `it ends after ${bytes.length} bytes`) : fault('foreign', 'it is no checkpoint of modescape');
  }
  if (bytes.length < PREAMBLE) throw fault('truncated', `it ends after ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (version > CHECKPOINT_FORMAT) throw newer(version);
  const headerBytes = view.getUint32(12, true);
  const total = view.getFloat64(16, true);
  if (bytes.length < total) throw fault('truncated', `it has ${bytes.length} of its ${total} bytes`);
  if (view.getUint32(CHECKSUM, true) !== checksumOf(bytes)) throw fault('corrupted', 'its checksum is not that of its contents');
  if (version < 1 || total !== bytes.length || headerBytes % 8 !== 0 || PREAMBLE + headerBytes > total) {
    throw fault('corrupted', 'its lengths do not fit together');
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(PREAMBLE, PREAMBLE + headerBytes));
    return { header: JSON.parse(text), body: bytes.subarray(PREAMBLE + headerBytes) };
  } catch {
    throw fault('corrupted', 'its header is not JSON');
  }
}

function revive(value: unknown, body: Uint8Array): State {
  if (Array.isArray(value)) return value.map((entry) => revive(entry, body));
  if (typeof value !== 'object' || value === null) return value as State;
  const entries = Object.entries(value);
  const [name, content] = entries[0] ?? [];
  if (entries.length === 1 && name === '$number') return numberOf(content);
  if (entries.length === 1 && name !== undefined && Object.hasOwn(arrays, name)) return arrayAt(body, name as ArrayName, content);
  return Object.fromEntries(entries.map(([key, entry]) => [key, revive(entry, body)]));
}

function arrayAt(body: Uint8Array, name: ArrayName, place: unknown): Float32Array | Float64Array | Uint32Array {
  const [at, length] = Array.isArray(place) ? place : [];
  const make = arrays[name];
  const bytes = make.BYTES_PER_ELEMENT * length;
  if (!Number.isSafeInteger(at) || !Number.isSafeInteger(length) || at < 0 || length < 0 || at + bytes > body.length) {
    throw fault('corrupted', 'an array lies beyond its end');
  }
  return new make(body.slice(at, at + bytes).buffer);
}

const arrayName = (value: unknown): ArrayName | undefined =>
  (Object.keys(arrays) as ArrayName[]).find((name) => value instanceof arrays[name]);

const numberName = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

function numberOf(name: unknown): number {
  if (typeof name !== 'string' || !['NaN', 'Infinity', '-Infinity', '-0'].includes(name)) throw fault('corrupted', 'a number is none');
  return Number(name);
}

/** CRC-32 (IEEE 802.3) of all bytes but its own four. */
function checksumOf(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) {
    if (at === CHECKSUM) at += 4;
    if (at < bytes.length) sum = remainders[(sum ^ bytes[at]!) & 0xff]! ^ (sum >>> 8);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

const remainders = /* @__PURE__ */ Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

const newer = (version: number): CheckpointError =>
  fault('newer', `it has format ${version}, and this version of modescape reads formats up to ${CHECKPOINT_FORMAT}: take a later one`);

const fault = (kind: CheckpointFault, why: string): CheckpointError => new CheckpointError(`the checkpoint cannot be read: ${why}`, kind);
