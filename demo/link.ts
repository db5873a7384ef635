/** Settings to and from the part of the address behind `#`: what a shared link holds. */
import { findEntry } from './catalogue.ts';
import { complaintOf, ranges, type Settings, settingsFor } from './settings.ts';

const texts = {
  sense: ['minimize', 'maximize'],
  goal: ['modes', 'posterior'],
  estimator: ['auto', 'stein', 'hessian', 'score', 'ranked'],
} as const;

const numbers = ['components', 'samples', 'cooling', 'rate', 'weightRate', 'seed', 'lower', 'upper'] as const;

/** Every setting by name, so that a later default does not change what an old link shows. */
export function linkOf(settings: Settings): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(settings)) if (value !== undefined) query.set(name, String(value));
  return `#${query}`;
}

export interface ReadLink {
  settings: Settings;
  /** What in the link could not be used. */
  complaints: string[];
}

/** The settings in a link; undefined where there is none. Unusable parts give way to defaults and are told. */
export function readLink(hash: string): ReadLink | undefined {
  const query = new URLSearchParams(hash.replace(/^#/, ''));
  const name = query.get('problem');
  if (name === null) return undefined;
  const complaints: string[] = [];
  const entry = findEntry(name);
  if (!entry) return { settings: settingsFor('himmelblau'), complaints: [`the link names a problem "${name}", which is not here`] };
  const changes: Partial<Record<keyof Settings, unknown>> = {};

  const read = (key: string, { min, max, whole }: { min: number; max: number; whole: boolean }) => {
    const given = query.get(key);
    if (given === null) return;
    const value = given.trim() === '' ? Number.NaN : Number(given);
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) changes[key as keyof Settings] = value;
    else complaints.push(`${key}=${given} is not ${whole ? 'a whole number' : 'a number'} from ${min} to ${max}`);
  };
  read('dimension', { ...entry.dimensions, whole: true });
  for (const key of numbers) read(key, ranges[key]);
  for (const key of Object.keys(texts) as (keyof typeof texts)[]) {
    const given = query.get(key);
    if (given === null) continue;
    if ((texts[key] as readonly string[]).includes(given)) changes[key] = given;
    else complaints.push(`${key}=${given} is not one of ${texts[key].join(', ')}`);
  }
  const text = query.get('text');
  if (text !== null) changes.text = text;

  const settings = settingsFor(name, changes as Partial<Settings>);
  const complaint = complaintOf(settings);
  if (!complaint) return { settings, complaints };
  return { settings: settingsFor(name), complaints: [...complaints, complaint.replace(/\.$/, '')] };
}
