/** A peer of bench/peers: a Python process that gets ready once and then runs a round whenever it is asked, idle in between. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What a peer says of itself when it is ready. */
export interface PeerAbout {
  version: string;
  /** Which of several ways to write it was the fastest. */
  variant?: string;
  /** Milliseconds an iteration of each of them, before the rounds. */
  tried?: Record<string, number>;
  compileMs?: number;
  device?: string;
}

export class PeerProcess {
  readonly about: PeerAbout;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #errors: () => string;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, errors: () => string, about: PeerAbout) {
    this.#child = child;
    this.#lines = lines;
    this.#errors = errors;
    this.about = about;
  }

  /**
   * @param file without `.py`
   * @throws Error that says what is missing, or what the peer printed last
   */
  static async open(python: string, file: string, task: object): Promise<PeerProcess> {
    const path = fileURLToPath(new URL(`peers/${file}.py`, import.meta.url));
    const child = spawn(python, [path], { stdio: ['pipe', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (data) => {
      errors = (errors + data).slice(-2000);
    });
    child.stdin.on('error', () => {}); // it ended; the answer that does not come says why
    const started = new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', () => reject(new Error(`${python} cannot be run`)));
    });
    await started;
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const about = await answer(lines, () => errors, child, task);
    if ('absent' in about) {
      child.kill();
      throw new Error(String(about.absent));
    }
    return new PeerProcess(child, lines, () => errors, about as unknown as PeerAbout);
  }

  /** One round. */
  async run<Result>(request: object): Promise<Result> {
    return (await answer(this.#lines, this.#errors, this.#child, request)) as Result;
  }

  close(): void {
    this.#child.kill();
  }
}

async function answer(
  lines: AsyncIterator<string>,
  errors: () => string,
  child: ChildProcess,
  request: object,
): Promise<Record<string, unknown>> {
  child.stdin!.write(`${JSON.stringify(request)}\n`);
  const { value, done } = await lines.next();
  if (done) throw new Error(errors().trim().split('\n').at(-1) || 'it ended without a word');
  return JSON.parse(value);
}
