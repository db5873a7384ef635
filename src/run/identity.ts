/** What a run is a run of, as flat named values: equal for two runs that go through the same states, and readable where they differ. */
import { controlLayout, field, paramsLayout, TRACE_ROW } from '../kernels/state.ts';
import type { Start } from '../mixture/start.ts';
import type { ForwardModel } from '../objective/forward.ts';
import type { Objective } from '../objective/objective.ts';

export type Identity = Readonly<Record<string, string | number | boolean>>;

/** The problem a density method or a search works on. */
export function objectiveIdentity(objective: Objective): Identity {
  const { kind, box, boundary, text, data, derivatives, exact, buffers } = objective;
  return {
    'kind of objective': kind,
    sense: text.sense === 1 ? 'maximize' : 'minimize',
    ...(text.user ? { objective: hashOf(text.user.text) } : {}),
    ...dataIdentity(data),
    dim: box.dim,
    box: hashOf([box.lower, box.upper]),
    boundary,
    derivatives,
    'float64 twin': exact ? (exact.gradient ? 'with gradient' : 'without gradient') : 'none',
    ...(buffers ? { 'buffer gradient': buffers.gradient === true } : {}),
  };
}

/** The problem an inversion works on. */
export function modelIdentity({ kind, dim, observations, user, data, y, noise, prior }: ForwardModel): Identity {
  return {
    'kind of forward model': kind,
    ...(user ? { 'forward model': hashOf(user.text) } : {}),
    ...dataIdentity(data),
    parameters: dim,
    observations,
    y: hashOf(y),
    noise: hashOf(noise),
    prior: hashOf(prior),
  };
}

/** A resolved method, every constant by its name. */
export const methodIdentity = (method: object): Identity => flat('method', method);

/** The kernels that its bits depend on, as results tell them. */
export const variantsIdentity = (variants: Readonly<Record<string, string>>): Identity => flat('variants', variants);

/** Where components begin, if the caller says so. */
export const startIdentity = (start: Start | undefined): Identity => (start ? { start: hashOf(start) } : {});

/** What the words in the GPU's blocks mean. */
export const layoutIdentity = (): Identity => ({ layout: hashOf([controlLayout, paramsLayout, field, TRACE_ROW]) });

/** Names of what is not the same, with both values where they can be read. */
export function differences(there: Identity, here: Identity): string[] {
  return [...new Set([...Object.keys(there), ...Object.keys(here)])]
    .filter((name) => there[name] !== here[name])
    .map((name) => {
      const [a, b] = [there[name], here[name]];
      if (isHash(a) && isHash(b)) return `${name} is another`;
      return `${name} is ${said(a)} there and ${said(b)} here`;
    });
}

const said = (value: Identity[string] | undefined): string => (value === undefined ? 'not given' : isHash(value) ? 'given' : String(value));
const isHash = (value: unknown): boolean => typeof value === 'string' && value.startsWith(HASH);
const HASH = '#';

const dataIdentity = (data: Readonly<Record<string, Float32Array>>): Identity =>
  Object.fromEntries(Object.entries(data).map(([name, array]) => [`data.${name}`, hashOf(array)]));

function flat(name: string, value: unknown): Identity {
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null) {
    if (ArrayBuffer.isView(value)) return { [name]: hashOf(value) };
    return Object.assign({}, ...Object.entries(value).map(([key, entry]) => flat(`${name}.${key}`, entry)));
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return { [name]: String(value) };
  return typeof value === 'number' || typeof value === 'boolean' ? { [name]: value } : { [name]: String(value) };
}

/** Of texts, arrays of numbers and plain data. 53 bits: it tells runs apart, it is no safeguard. */
export function hashOf(value: unknown): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  const mix = (word: number) => {
    a = Math.imul(a ^ word, 2654435761);
    b = Math.imul(b ^ word, 1597334677);
    a = (a << 13) | (a >>> 19);
    b = (b << 15) | (b >>> 17);
  };
  const text = (characters: string) => {
    mix(characters.length);
    for (let i = 0; i < characters.length; i++) mix(characters.charCodeAt(i));
  };
  const add = (part: unknown): void => {
    if (ArrayBuffer.isView(part)) {
      const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
      mix(bytes.length);
      for (const byte of bytes) mix(byte);
    } else if (typeof part === 'object' && part !== null) {
      for (const [name, entry] of Object.entries(part)) {
        if (entry === undefined) continue;
        text(name);
        add(entry);
      }
    } else text(String(part));
  };
  add(value);
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return `${HASH}${(4294967296 * (2097151 & b) + (a >>> 0)).toString(16).padStart(14, '0')}`;
}
