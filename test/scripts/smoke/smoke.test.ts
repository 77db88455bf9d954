import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAULTS } from './faults.ts';
import { smokeWorld, type SmokeWorld } from './smoke-world.ts';

/** docs/smoke.md. */
const CALLS = 150;

let world: SmokeWorld;
beforeAll(async () => {
  world = await smokeWorld();
});
afterAll(() => world.close());

test('where all is well, every line but that of a host is green, for somebody who may do what --policy prints and nothing else', async () => {
  const { code, printed } = await world.smoke();
  expect(printed.split('\n').filter((line) => !/^ok +\d+\.\d s {2}[a-z-]+ +\S.*: \S/.test(line))).toEqual([
    expect.stringMatching(/^skip +\d+\.\d s {2}host .*: there is no stack prometheus-on-emr-dev--host: /),
    '',
    expect.stringMatching(/^27 checks in \d+\.\d s: 26 ok, 0 red, 1 skipped\. Nothing was changed; with --install/),
  ]);
  expect(code).toBe(0);
  const emr = world.calls.filter(({ service }) => service === 'ElasticMapReduce').map(({ operation }) => operation);
  expect(emr.toSorted()).toEqual(['DescribeCluster', 'DescribeCluster', 'ListInstanceGroups', 'ListInstances']);
  expect(world.calls.length).toBeLessThan(CALLS);
});

test.each(FAULTS)(
  '%s is red when %s, says what to do, and is green again afterwards',
  async (id, _fault, inject, said, fix) => {
    const undo = await inject(world);
    const result = await world.check(id).finally(undo);
    const problems = result.state === 'red' ? result.problems : [];
    expect(problems.map(({ what }) => what).join('\n')).toMatch(said);
    expect(problems.map((problem) => problem.fix).join('\n')).toMatch(fix);
    expect(await world.check(id)).toMatchObject({ state: 'ok' });
  },
  30_000,
);
