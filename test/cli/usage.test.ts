/** Bad usage: exit code 2, one line on standard error, nothing on standard output, before a GPU is looked for. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { builtCommand, run } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'modescape-usage-'));
const bowl = join(folder, 'bowl.wgsl');
writeFileSync(bowl, 'fn objective(x: Point) -> f32 { return x[0] * x[0]; }');
writeFileSync(join(folder, 'empty.wgsl'), '');

beforeAll(() => {
  builtCommand();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const box = ['--dim', '2', '--box', '-1:1'];

const cases: [what: string, args: string[], says: RegExp][] = [
  ['no command', [], /give a command: minimize/],
  ['unknown command', ['maximise', 'himmelblau'], /maximise.*Did you mean maximize\?/],
  ['missing objective', ['minimize'], /missing required argument 'objective'/],
  ['two objectives', ['minimize', 'himmelblau', 'triangle'], /too many arguments/],
  ['unknown flag', ['minimize', 'himmelblau', '--sed', '1'], /--sed.*--seed/],
  ['flag without value', ['minimize', 'himmelblau', '--seed'], /--seed.*argument missing/],
  ['unknown problem', ['minimize', 'himelblau'], /unknown problem "himelblau"; did you mean himmelblau\?/],
  ['far-off problem', ['minimize', 'zzzzzzzzzzzz'], /known: himmelblau, styblinski-tang/],
  ['unknown method', ['minimize', 'himmelblau', '--method', 'nvaa'], /unknown method "nvaa"; did you mean nva\?/],
  ['method named as a property', ['minimize', 'himmelblau', '--method', 'toString'], /unknown method "toString"/],
  ['unknown method option', ['minimize', 'himmelblau', '--set', 'coling=1'], /unknown nva option "coling"; did you mean cooling/],
  ['prototype as option', ['minimize', 'himmelblau', '--set', '__proto__=1'], /unknown nva option "__proto__"/],
  ['wrong choice', ['minimize', 'himmelblau', '--set', 'estimator=stien'], /unknown estimator "stien"; did you mean stein/],
  ['choice that is no word', ['minimize', 'himmelblau', '--set', 'rate=true'], /rate is true; it must be a number/],
  ['set without =', ['minimize', 'himmelblau', '--set', 'rate'], /--set "rate": write key=value/],
  ['set without value', ['minimize', 'himmelblau', '--set', 'rate='], /write key=value/],
  ['estimator without gradient', ['minimize', bowl, ...box, '--set', 'estimator=stein'], /stein estimator needs/],
  ['no such file', ['minimize', join(folder, 'none.wgsl'), ...box], /none\.wgsl: there is no such file/],
  ['folder', ['minimize', folder, ...box], /this is a folder/],
  ['empty file', ['minimize', join(folder, 'empty.wgsl'), ...box], /the file is empty/],
  ['no box', ['minimize', bowl, '--dim', '2'], /where to search is missing; give --box/],
  ['no box and no dim', ['minimize', bowl], /give --dim and --box/],
  ['no dim', ['minimize', bowl, '--box', '-1:1'], /number of dimensions is missing; give --dim/],
  ['box upside down', ['minimize', 'himmelblau', '--box', '6:-6'], /"6:-6"; the lower bound must be below/],
  ['box of no width', ['minimize', bowl, '--box', '0:1,2:2'], /part 2 is "2:2"; the lower bound/],
  ['infinite box', ['minimize', bowl, '--dim', '1', '--box', '0:Infinity'], /"0:Infinity"; write two finite numbers/],
  ['box of words', ['minimize', bowl, '--dim', '1', '--box', 'a:b'], /"a:b"; write two finite numbers/],
  ['half a box', ['minimize', bowl, '--dim', '1', '--box', '3'], /"3"; write two finite numbers/],
  ['box of other length', ['minimize', bowl, '--dim', '3', '--box', '0:1,0:1'], /--box has 2 parts, but there are 3 dimensions/],
  ['box past float32', ['minimize', bowl, '--dim', '1', '--box', '-1e38:1e38'], /float32/],
  ['dim of a fixed problem', ['minimize', 'himmelblau', '--dim', '3'], /himmelblau takes dimension 2 only, not 3/],
  ...['0', '-2', '2.5', '513', '1e9', 'two', 'NaN', ''].map((dim): [string, string[], RegExp] => [
    `dim "${dim}"`,
    ['minimize', bowl, '--dim', dim, '--box', '0:1'],
    /--dim is .*; it must be a whole number from 1 to 512/,
  ]),
  ...(
    [
      ['components', ['0', '-1', '1.5', '1025', 'Infinity']],
      ['samples', ['0', '1', '1e9']],
      ['iterations', ['0', '0.5', '-3']],
      ['evaluations', ['0', '1e12', 'many']],
      ['seconds', ['0', '-1', 'NaN']],
      ['waves', ['0', '2.5']],
      ['seed', ['-1', '0.5', '1e300']],
      ['target', ['low']],
    ] as [string, string[]][]
  ).flatMap(([name, values]) =>
    values.map((value): [string, string[], RegExp] => [
      `${name} ${value}`,
      ['minimize', 'himmelblau', `--${name}`, value],
      new RegExp(`--${name} is .*${value.slice(0, 1)}.*; it must be`),
    ]),
  ),
  ['boundary', ['minimize', 'himmelblau', '--boundary', 'reflct'], /boundary is "reflct"/],
  ['json into a folder', ['minimize', 'himmelblau', '--json', folder], /this is a folder/],
  ['report to standard output', ['minimize', 'himmelblau', '--report', '-'], /--report: give the name of a file/],
  ['report into no folder', ['invert', 'four-modes-inversion', '--report', join(folder, 'no', 'x.html')], /there is no folder/],
  ['json into no folder', ['minimize', 'himmelblau', '--json', join(folder, 'no', 'x.json')], /there is no folder/],
];

// Few at a time: each is a process.
const chunks = Array.from({ length: Math.ceil(cases.length / 3) }, (_, i) => cases.slice(3 * i, 3 * i + 3));

it.each(chunks.map((chunk) => [chunk.map(([what]) => what).join(', '), chunk] as const))('%s', async (_what, chunk) => {
  await Promise.all(
    chunk.map(async ([what, args, says]) => {
      const { code, stdout, stderr } = await run(args);
      expect({ what, code, stdout, lines: stderr.split('\n').length }, stderr).toEqual({ what, code: 2, stdout: '', lines: 2 });
      expect(stderr).toMatch(says);
    }),
  );
});

it('refuses an unknown MODESCAPE_ADAPTER', async () => {
  const { code, stderr } = await run(['minimize', 'himmelblau'], { env: { MODESCAPE_ADAPTER: 'hardwear' } });
  expect(code).toBe(2);
  expect(stderr).toMatch(/MODESCAPE_ADAPTER "hardwear"; did you mean hardware/);
});

it('prints help, the version and lists', async () => {
  const [help, version, problems, methods] = await Promise.all(['--help', '--version', 'problems', 'methods'].map((word) => run([word])));
  expect([help, version, problems, methods].map((outcome) => [outcome!.code, outcome!.stderr])).toEqual(Array(4).fill([0, '']));
  expect(help!.stdout).toMatch(/minimize[\s\S]*maximize[\s\S]*sample[\s\S]*problems[\s\S]*methods[\s\S]*adapters/);
  expect(version!.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(problems!.stdout).toMatch(/himmelblau +minimize +2 [\s\S]*styblinski-tang +minimize +4 \(1 to 512\)[\s\S]*hapke +maximize/);
  expect(methods!.stdout).toMatch(/^nva [\s\S]*estimator/);
});

it('leaves nothing behind', () => {
  expect(readdirSync(folder).sort()).toEqual(['bowl.wgsl', 'empty.wgsl']);
});
