/** Searches from the command line, on the GPU: results, JSON, failures and Ctrl-C. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { himmelblauMinima } from '../../src/problems/himmelblau.ts';
import { builtCommand, type Outcome, run } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'modescape-cli-'));
const file = (name: string) => join(folder, name);
const wgsl = (name: string, text: string) => {
  writeFileSync(file(name), text);
  return file(name);
};

beforeAll(() => {
  builtCommand();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const himmelblau = `fn objective(x: Point) -> f32 {
  let a = x[0] * x[0] + x[1] - 11.0;
  let b = x[0] + x[1] * x[1] - 7.0;
  return a * a + b * b;
}
`;

/** Every known minimum once, and nothing else. */
function expectMinima(modes: { x: number[] }[], tolerance: number): void {
  expect(modes).toHaveLength(4);
  for (const known of himmelblauMinima) {
    expect(modes.filter(({ x }) => Math.hypot(x[0]! - known[0]!, x[1]! - known[1]!) < tolerance)).toHaveLength(1);
  }
}

/** No usage error, no stack, no hint of a crash: one line. */
function expectFailure({ code, stdout, stderr }: Outcome, says: RegExp, exit = 1): void {
  expect(code, stderr).toBe(exit);
  expect(stdout).toBe('');
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(says);
}

describe('minimize', () => {
  it('a built-in problem: the table, and the JSON in a file', async () => {
    const json = file('out.json');
    writeFileSync(json, 'something older');
    const { code, stdout, stderr } = await run(['minimize', 'himmelblau', '--seed', '7', '--set', 'components=12', '--json', json]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/# +value +x +weight +global +polished/);
    expect(stdout).toMatch(/\(3\.0000, 2\.0000\).*\*.*f64/);
    expect(stdout).toMatch(/4 modes found, 4 of them global; stopped by: all modes found/);
    expect(stdout).toMatch(/evaluations +[\d,]+\niterations +[\d,]+.*\ntime +[\d.]+ s \(compile/);
    expect(stdout).toMatch(/adapter +\S+/);
    expect(stdout).toMatch(/modes still unseen +[\d.]+ /);
    expect(stdout).not.toMatch(/not finite/);

    const result = JSON.parse(readFileSync(json, 'utf8'));
    expect(result).toMatchObject({
      command: 'minimize',
      objective: 'himmelblau',
      status: 'success',
      stopReasons: ['all modes found'],
      seed: 7,
      method: 'nva',
      options: { components: 12, estimator: 'stein' },
      version: JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version,
    });
    expectMinima(result.modes, 1e-6);
    for (const mode of result.modes) {
      expect(mode.value).toBeGreaterThanOrEqual(0);
      expect(mode.covariance).toHaveLength(2);
      expect(mode.weight).toBeGreaterThan(0);
    }
    expect(result.mixture.weights).toHaveLength(12);
    expect(result.mixture.means[0]).toHaveLength(2);
    expect(result.mixture.covariances[0][1]).toHaveLength(2);
    expect(result.best.x).toHaveLength(2);
    expect(result.best.value).toBeCloseTo(0, 6);
    expect(result.evaluations).toBeGreaterThan(1000);
    expect(result.iterations).toBeGreaterThan(10);
    for (const part of ['total', 'compile', 'run']) expect(result.seconds[part]).toBeGreaterThan(0);
    expect(typeof result.adapter.software).toBe('boolean');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('a WGSL file with nothing but --dim and --box, its JSON alone on standard output, NaN in part of the box', async () => {
    const holes = himmelblau.replace('  return', '  if (x[0] > 4.5) { return bitcast<f32>(0x7fc00000u + u32(x[0] < -9.0)); }\n  return');
    const path = wgsl('holes.wgsl', holes);
    const { code, stdout, stderr } = await run(['minimize', path, '--dim', '2', '--box', '-6:6', '--json', '-']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ objective: path, status: 'success', seed: 0 });
    expectMinima(result.modes, 1e-2);
    expect(result.nonFinite).toBeGreaterThan(0);
  });

  it('takes the verb literally and warns', async () => {
    const args = ['maximize', 'styblinski-tang', '--dim', '1', '--evaluations', '20000'];
    const { code, stdout, stderr } = await run(args);
    expect(code).toBe(0);
    expect(stderr).toBe('modescape: warning: styblinski-tang is a problem to minimize; this will maximize it, as asked\n');
    expect(stdout).toMatch(/1 +125 +\(5\.00000\).*\n2 +100 +\(-5\.00000\)/); // both at the walls
  });
});

it('sample by NVA ends at temperature 1', async () => {
  const path = wgsl('two.wgsl', 'fn objective(x: Point) -> f32 { let a = abs(x[0]) - 4.0; return -0.5 * (a * a + x[1] * x[1]); }\n');
  const args = [
    'sample',
    path,
    '--box',
    '-8:8,-3:3',
    '--components',
    '2',
    '--method',
    'nva',
    '--set',
    'rate=0.2',
    '--json',
    '-',
    '--seed',
    '1',
  ];
  const { code, stdout, stderr } = await run(args);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const { mixture, options } = JSON.parse(stdout);
  expect(options).toMatchObject({ temperatureFloor: 1, rate: 0.2, components: 2 });
  expect(mixture.weights[0] + mixture.weights[1]).toBeCloseTo(1, 5);
  for (const mean of mixture.means) expect(Math.abs(Math.abs(mean[0]) - 4)).toBeLessThan(0.5);
  for (const covariance of mixture.covariances) expect(covariance[1][1]).toBeCloseTo(1, 0);
});

describe('sample', () => {
  const two = `fn value_and_gradient(x: Point, gradient: ptr<function, Point>) -> f32 {
  let a = x[0] - 4.0;
  let b = x[0] + 4.0;
  let p = -0.5 * a * a;
  let q = -0.5 * b * b + log(0.5);
  let top = max(p, q);
  let sum = exp(p - top) + exp(q - top);
  let share = exp(p - top) / sum;
  (*gradient)[0] = -share * a - (1.0 - share) * b;
  (*gradient)[1] = -x[1];
  return top + log(sum) - 0.5 * x[1] * x[1];
}
`;

  it('by default finds the number of components, the evidence and draws', async () => {
    const json = file('posterior.json');
    const args = [
      'sample',
      wgsl('pair.wgsl', two),
      '--dim',
      '2',
      '--box',
      '-8:8',
      '--iterations',
      '50',
      '--seed',
      '1',
      '--draws',
      '200',
      '--json',
      json,
    ];
    const { code, stdout, stderr } = await run(args);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/log evidence +2\.24/);
    const result = JSON.parse(readFileSync(json, 'utf8'));
    expect(result.method).toBe('SAMTRON');
    // log of the integral of exp(objective): log(1.5) + log(2 pi)
    expect(Math.abs(result.logEvidence.value - 2.243342)).toBeLessThan(Math.max(4 * result.logEvidence.standardError, 1e-3));
    expect(result.elbo).toBeLessThan(result.logEvidence.value + 1e-6);
    expect(result.effectiveSampleSize).toBeGreaterThan(9000);
    expect(typeof result.paretoK).toBe('number');
    expect(result.modes).toHaveLength(2);
    expect(result.draws).toHaveLength(200);
    const right = result.draws.filter(([x]: number[]) => x! > 0).length / 200;
    expect(Math.abs(right - 2 / 3)).toBeLessThan(0.1);
    expect(result).not.toHaveProperty('weightedDraws');
  });

  it('a code of the family, draws to a file of their own, the evidence of a box', async () => {
    const draws = file('draws.csv');
    const args = [
      'sample',
      wgsl('pair.wgsl', two),
      '--dim',
      '2',
      '--box',
      '0:8,-4:4',
      '--bounded',
      '--method',
      'vips',
      '--iterations',
      '60',
    ];
    const { code, stdout } = await run([...args, '--draws', '20', '--draws-file', draws]);
    expect(code).toBe(0);
    expect(stdout).toContain(`20 draws: ${draws}`);
    const [header, ...rows] = readFileSync(draws, 'utf8').trim().split('\n');
    expect(header).toBe('x1,x2');
    expect(rows).toHaveLength(20);
    for (const row of rows) expect(Number(row.split(',')[0])).toBeGreaterThanOrEqual(0);
    const evidence = Number(/log evidence +(\S+)/.exec(stdout)![1]);
    expect(evidence).toBeCloseTo(Math.log(2 * Math.PI), 1);
  });

  it('refuses what cannot be, before anything runs', async () => {
    const path = wgsl('pair.wgsl', two);
    const target = [path, '--dim', '2', '--box', '-8:8'];
    const bad = async (args: string[], message: RegExp) => expectFailure(await run(['sample', ...args]), message, 2);
    await bad([...target, '--method', 'SAMTRAN'], /letter 6 is A.*U \(direct\) or O/);
    await bad([...target, '--method', 'samtrom'], /unknown method "samtrom"; did you mean SAMTRON/);
    await bad([...target, '--method', 'SAMTRON', '--set', 'addEvry=3'], /addEvry.*addEvery/);
    await bad([...target, '--draws', '-1'], /draws is -1/);
    await bad([...target, '--draws-file', file('x.csv')], /--draws-file: say with --draws how many/);
    expectFailure(await run(['minimize', ...target, '--method', 'VIPS']), /ZAMTRUX fits densities.*sample/, 2);
    await bad(['breast-cancer'], /give it with --data FILE/);
    const table = file('table.txt');
    writeFileSync(table, '1 2 0\n3 4 1\n5 six 1\n');
    await bad(['logistic-regression', '--data', table], /table\.txt: row 3, column 2 is "six", not a number/);
    writeFileSync(table, '1;2;0\n3;;1\n');
    await bad(['logistic-regression', '--data', table], /table\.txt: row 2, column 2 is empty/);
  });
});

describe('fails with one line and loses nothing', () => {
  it('WGSL that does not compile: the file, line and column', async () => {
    const path = wgsl('wrong.wgsl', 'fn objective(x: Point) -> f32 {\n  let a = x[0];\n  return a + bogus;\n}\n');
    const json = file('kept.json');
    writeFileSync(json, 'older');
    expectFailure(await run(['minimize', path, '--dim', '2', '--box', '-1:1', '--json', json]), /^\S*wrong\.wgsl:3:14: .*bogus/);
    expect(readFileSync(json, 'utf8')).toBe('older');
  });

  it('WGSL without an objective', async () => {
    const path = wgsl('none.wgsl', 'fn other(x: f32) -> f32 { return x; }\n');
    expectFailure(await run(['minimize', path, '--dim', '2', '--box', '-1:1']), /none\.wgsl: no function `fn objective/);
  });

  it('an objective that is NaN everywhere', async () => {
    const path = wgsl('nan.wgsl', 'fn objective(x: Point) -> f32 { return bitcast<f32>(0x7fc00000u + u32(x[0] > 9.0)); }\n');
    const json = file('never.json');
    expectFailure(await run(['maximize', path, '--dim', '2', '--box', '-1:1', '--json', json]), /no usable number at any of/);
    expect(existsSync(json)).toBe(false);
  });

  it('more than the device holds', async () => {
    const args = ['minimize', 'styblinski-tang', '--dim', '512', '--components', '1024', '--samples', '4194304'];
    expectFailure(await run(args), /at most|largest|limit/i);
  });

  it('no adapter', async () => {
    const env = { VK_ICD_FILENAMES: file('no-driver.json'), VK_LOADER_DEBUG: '' };
    const { code, stdout, stderr } = await run(['minimize', 'himmelblau'], { env });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/modescape: .*VK_ICD_FILENAMES/);
  });
});

describe('Ctrl-C', () => {
  // Two thousand minima, of which the first wave finds some.
  const path = wgsl('waves.wgsl', 'fn objective(x: Point) -> f32 { return sin(x[0]) * sin(x[1]) + 1e-3 * x[0]; }\n');
  const endless = ['minimize', path, '--dim', '2', '--box', '-100:100', '--evaluations', '4e9', '--set', 'finalTemperature=0.3'];

  it('stops with the modes found so far, exit code 130', async () => {
    const json = file('aborted.json');
    let result: { status: string; stopReasons: string[]; modes: unknown[]; evaluations: number } | undefined;
    // A slow machine may not have come to its first modes after a short wait.
    for (const wait of [3000, 8000, 20000]) {
      const outcome = await run([...endless, '--json', json], { started: (child) => setTimeout(() => child.kill('SIGINT'), wait) });
      if (outcome.signal) continue; // not even started
      expect(outcome.code, outcome.stderr).toBe(130);
      expect(outcome.stderr).toBe('modescape: stopping; Ctrl-C again ends at once\n');
      expect(outcome.stdout).toMatch(/aborted: /);
      result = JSON.parse(readFileSync(json, 'utf8'));
      expect(result).toMatchObject({ status: 'aborted', stopReasons: ['aborted'] });
      if (result!.modes.length > 0) {
        if (result!.modes.length > 20) expect(outcome.stdout).toMatch(/\.\.\. and [\d,]+ more modes?/);
        break;
      }
    }
    expect(result?.modes.length).toBeGreaterThan(0);
  }, 180_000);

  it('twice: ends at once', async () => {
    // Each iteration takes seconds, so that the first Ctrl-C cannot have ended the run before the second comes.
    const slow = wgsl(
      'slow.wgsl',
      `fn objective(x: Point) -> f32 {
  var s = x[0];
  for (var i = 0u; i < 400000u; i++) { s = s * 0.999 + x[0] * x[0]; }
  return s;
}
`,
    );
    const { code, signal, stdout, stderr } = await run(['minimize', slow, '--dim', '1', '--box=-1:1'], {
      started: (child) => {
        child.stderr?.once('data', () => child.kill('SIGINT'));
        setTimeout(() => child.kill('SIGINT'), 3000);
      },
    });
    expect({ code, signal, stdout }, stderr).toEqual({ code: 130, signal: null, stdout: '' });
  });
});

it('start finds every minimum; adapters lists what there is', async () => {
  const { code, stdout, stderr } = await run(['start']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/himmelblau: 4 of 4 minima\nstyblinski-tang: 16 of 16 minima\n$/);

  const adapters = await run(['adapters']);
  expect(adapters.code).toBe(0);
  expect(adapters.stdout).toMatch(/hardware +\S.*\nsoftware +\S/);
  expect(adapters.stdout).toMatch(/ used\n/);
});
