/** The page: settings start a session, the buttons move it on, every frame is drawn. */
import type { SearchResult } from '../src/index.ts';
import { Controls } from './controls.ts';
import { Scene } from './scene.ts';
import { findModes, Session } from './session.ts';
import { planarProblem } from './state.ts';

const canvas = (id: string) => document.getElementById(id) as HTMLCanvasElement;
const scene = new Scene({
  plot: document.getElementById('plot')!,
  below: canvas('landscape'),
  above: canvas('search'),
  legend: canvas('legend'),
});
const controls = new Controls({ run, pause, step, restart: () => restart(false), find, settings: () => restart(running), view: draw });

let session: Session | undefined;
/** The last search's answer, and the problem that it answers. */
let found: { problem: string; result: SearchResult } | undefined;
/** Grows with every start, so that a start or a search that was overtaken drops its result. */
let generation = 0;
/** Grows whenever the running state changes: the loop of an older number ends. */
let loop = 0;
let running = false;
let searching: AbortController | undefined;

function draw(): void {
  const { samples, trails } = controls.view;
  scene.draw({
    frame: session?.frame,
    trails: trails ? session?.trails : undefined,
    samples,
    modes: found?.result.modes ?? [],
  });
  if (session) controls.progress(session.frame.snapshot);
}

/** The state between actions, said to the user. */
function rest(): void {
  if (!session) return;
  if (session.ended) controls.phase('ended', `Done (${session.frame.snapshot.stopReasons.join(', ')})`);
  else controls.phase('paused', session.frame.snapshot.iteration === 0 ? 'Ready' : 'Paused');
}

function fail(error: unknown): void {
  running = false;
  loop++;
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  controls.problem(message);
  if (name === 'AdapterError') controls.phase('unavailable', 'No WebGPU: the landscape is drawn, but nothing can run.');
  else controls.phase('failed', 'Stopped by an error. Restart tries again.');
}

async function restart(thenRun: boolean): Promise<void> {
  const mine = ++generation;
  loop++;
  running = false;
  searching?.abort();
  searching = undefined;
  const settings = controls.settings;
  controls.phase('starting', 'Compiling');
  controls.problem(undefined);
  const old = session;
  session = undefined;
  if (found?.problem !== settings.problem) {
    found = undefined;
    controls.modes(undefined);
  }
  scene.show(planarProblem(settings.problem));
  try {
    await old?.dispose();
    const made = await Session.start(settings);
    if (mine !== generation) return made.dispose();
    session = made;
    controls.adapter(made.adapter);
    draw();
    rest();
    if (thenRun) run();
  } catch (error) {
    if (mine === generation) fail(error);
  }
}

async function run(): Promise<void> {
  const mine = ++loop;
  const current = session;
  if (!current) return;
  if (current.ended) return restart(true);
  running = true;
  controls.phase('running', 'Running');
  try {
    while (mine === loop && !current.ended) {
      await current.advance(controls.view.iterationsPerFrame);
      if (current === session) draw();
      await new Promise(requestAnimationFrame);
    }
    if (mine !== loop) return;
    running = false;
    rest();
  } catch (error) {
    if (mine === loop) fail(error);
  }
}

/** Holds once the frame under way is drawn. */
async function pause(): Promise<void> {
  const mine = ++loop;
  running = false;
  await session?.settled();
  if (mine === loop) rest();
}

async function step(): Promise<void> {
  const current = session;
  if (!current) return;
  try {
    await current.advance(1);
    if (current !== session) return;
    draw();
    if (!running) rest();
  } catch (error) {
    if (current === session) fail(error);
  }
}

async function find(): Promise<void> {
  if (searching) return searching.abort();
  running = false;
  loop++;
  const mine = generation;
  const search = new AbortController();
  searching = search;
  controls.phase('searching', 'Searching for all modes');
  try {
    const settings = controls.settings;
    await session?.settled();
    const result = await findModes(settings, {
      signal: search.signal,
      onProgress: ({ modes, evaluations }) => {
        if (mine === generation)
          controls.status(`${modes} mode${modes === 1 ? '' : 's'} after ${evaluations.toLocaleString('en')} evaluations`);
      },
    });
    if (mine !== generation) return;
    searching = undefined;
    found = { problem: settings.problem, result };
    controls.modes(result);
    draw();
    rest();
    controls.status(result.message);
  } catch (error) {
    if (mine !== generation) return;
    searching = undefined;
    fail(error);
  }
}

restart(false);
