/** Settings to and from the part of the address behind `#`: what a shared link holds. */
import { findEntry } from './catalogue.ts';
import { methodNamed, misfitOf, type ParameterName, parameterNames, titleOf } from './methods.ts';
import { parametersOf, type Range, rangeOf } from './parameters.ts';
import { complaintOf, type Settings, settingsFor, subjectOf } from './settings.ts';

const texts = {
  sense: ['minimize', 'maximize'],
  goal: ['modes', 'posterior'],
  estimator: ['auto', 'stein', 'hessian', 'score', 'ranked'],
} as const;

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

  const read = (key: string, { min, max, whole }: Range) => {
    const given = query.get(key);
    if (given === null) return;
    const value = given.trim() === '' ? Number.NaN : Number(given);
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) changes[key as keyof Settings] = value;
    else complaints.push(`${key}=${given} is not ${whole ? 'a whole number' : 'a number'} from ${min} to ${max}`);
  };
  read('dimension', { ...entry.dimensions, whole: true });
  try {
    entry.at((changes.dimension as number | undefined) ?? entry.dimensions.default);
  } catch (error) {
    complaints.push((error as Error).message);
    delete changes.dimension;
  }
  for (const key of ['seed', 'lower', 'upper'] as const) read(key, rangeOf[key]);
  for (const key of Object.keys(texts) as (keyof typeof texts)[]) {
    const given = query.get(key);
    if (given === null) continue;
    if ((texts[key] as readonly string[]).includes(given)) changes[key] = given;
    else complaints.push(`${key}=${given} is not one of ${texts[key].join(', ')}`);
  }
  const text = query.get('text');
  if (text !== null) changes.text = text;

  const wanted = query.get('method');
  const method = methodNamed(wanted ?? 'nva');
  if (!method) complaints.push(`method=${wanted} is not nva, gmbbvi, gmki, df-gmvi, or the name or code of a GMMVI method`);
  else {
    // Of the plain settings, since those of an unsuitable method say nothing.
    const misfit = misfitOf(method, subjectOf(settingsFor(name, changes as Partial<Settings>)));
    if (misfit) complaints.push(`method=${wanted}: ${misfit}`);
    else changes.method = method;
  }
  const chosen = settingsFor(name, changes as Partial<Settings>).method;
  const belonging = parametersOf(chosen);
  for (const parameter of belonging) read(parameter.name, parameter);
  const known = new Set<ParameterName>(belonging.map((parameter) => parameter.name));
  for (const key of parameterNames)
    if (query.has(key) && !known.has(key) && key !== 'samples')
      complaints.push(`${key}=${query.get(key)} is nothing to ${titleOf(chosen)}`);

  const settings = settingsFor(name, changes as Partial<Settings>);
  const complaint = complaintOf(settings);
  if (!complaint) return { settings, complaints };
  return { settings: settingsFor(name), complaints: [...complaints, complaint.replace(/\.$/, '')] };
}
