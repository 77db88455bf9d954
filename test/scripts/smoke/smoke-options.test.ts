import { expect, test } from 'vitest';
import { smokeCommand } from '../../../scripts/smoke/smoke.ts';
import { ALL_CHECKS } from '../../../scripts/smoke/checks.ts';
import { readSmokeOptions } from '../../../scripts/smoke/smoke-options.ts';
import { cliWorld, runScript } from '../cli-world.ts';

test('without a cluster, or with something that is none, it says how it is written', () => {
  expect(() => readSmokeOptions([], {})).toThrow(/--cluster is missing: expected j-.*npm run smoke -- --cluster j-/s);
  expect(() => readSmokeOptions(['--cluster', 'etl'], {})).toThrow(/--cluster is "etl": expected j-/);
  expect(() => readSmokeOptions(['--cluster', 'j-1', '--instal'], {})).toThrow(/--instal.*npm run smoke/s);
});

test('an option that npm kept for itself is refused', () => {
  expect(() => readSmokeOptions(['--cluster', 'j-1'], { npm_config_install: 'true' })).toThrow(
    'npm kept --install for itself: write npm run smoke -- --install …',
  );
});

test('stage and Region are as everywhere', () => {
  expect(readSmokeOptions(['--cluster', 'j-1', '--stage', 'prod'], { AWS_REGION: 'eu-west-1' })).toEqual({
    clusterId: 'j-1',
    place: { stage: 'prod', region: 'eu-west-1' },
    install: false,
    json: false,
  });
});

test('a Region that AWS does not have is refused before anything is asked', async () => {
  const run = smokeCommand(
    ['--cluster', 'j-1', '--region', 'eu-west-9'],
    {},
    () => undefined,
    () => undefined,
  );
  await expect(run).rejects.toThrow('--region is "eu-west-9": no Region of AWS\'s');
});

test('--policy prints every right that a check needs, and asks nothing', async () => {
  const printed: string[] = [];
  expect(
    await smokeCommand(
      ['--policy'],
      {},
      (text) => void printed.push(text),
      () => undefined,
    ),
  ).toBe(0);
  const { Statement } = JSON.parse(printed.join('')) as {
    readonly Statement: readonly { readonly Action: readonly string[] }[];
  };
  expect(new Set(Statement.flatMap(({ Action }) => Action))).toEqual(new Set(ALL_CHECKS.flatMap(({ needs }) => needs)));
});

test('every check has an id of its own and says what holds', () => {
  const ids = ALL_CHECKS.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
  for (const { id, says } of ALL_CHECKS)
    expect([id, says]).toEqual([expect.stringMatching(/^[a-z]+(-[a-z]+)*$/), expect.stringMatching(/^.{15,100}$/)]);
});

test('of a stack that is all but empty the command, as a terminal runs it, says what is missing, line by line', async () => {
  await cliWorld();
  const { code, stdout, stderr } = await runScript('smoke', ['--cluster', 'j-1']);
  expect(stdout).toMatch(/^ok +\d\.\d s {2}caller +the AWS credentials are valid: arn:aws:sts::123456789012:/m);
  expect(stdout).toMatch(
    /^RED +\d+\.\d s {2}schedule .*\n +✗ there is no schedule\n +→ .*--deployment-mode REVERT_DRIFT/m,
  );
  expect(stdout).toMatch(/^ +✗ OnEventRole may not .* \(the role is missing\)$/m);
  expect(stdout).toMatch(/\n27 checks in \d+\.\d s: \d+ ok, \d+ red, \d+ skipped\.\n$/);
  expect([code, stderr]).toEqual([1, '']);
});

test('where nothing is deployed it says so, and what to do', async () => {
  await cliWorld();
  const { code, stderr } = await runScript('smoke', ['--cluster', 'j-1', '--stage', 'prod']);
  expect(stderr).toMatch(
    /^nothing is deployed as stage prod in us-east-1: deploy first \(npm run deploy -- --stage prod/,
  );
  expect(code).toBe(1);
});
