import { globSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runNodeTests } from '../../../scripts/test/node-tests.ts';

test('every file of tests on nodes runs once: the largest alone, then three at a time, of the heavy ones one', async () => {
  const heavy = ['e2e/a', 'e2e/b'];
  const others = ['nodes/a', 'nodes/b', 'nodes/c', 'nodes/y', 'nodes/z'];
  const over: string[] = [];
  const running = new Set<string>();
  const moments: (readonly string[])[] = [];
  const run = async (file: string) => {
    running.add(file);
    moments.push([...running]);
    await new Promise((done) => setImmediate(done));
    running.delete(file);
    over.push(file);
    return { passed: 1, failed: 0, skipped: 0, failures: [] };
  };
  const counts = await runNodeTests('', heavy, others, run, ['e2e/large']);
  expect(counts).toHaveLength(8);
  expect(over.toSorted()).toEqual([...heavy, ...others, 'e2e/large'].toSorted());
  expect(Math.max(...moments.map(({ length }) => length))).toBe(3);
  expect(Math.max(...moments.map((some) => some.filter((file) => file.startsWith('e2e')).length))).toBe(1);
  expect(moments.slice(0, 2)).toEqual([['e2e/large'], ['e2e/a']]);
  expect(moments[3]).toEqual(['e2e/a', 'nodes/a', 'nodes/b']);
});

test('of the files there are, none is forgotten and none runs twice', async () => {
  const ran: string[] = [];
  await runNodeTests('', undefined, undefined, async (file) => {
    ran.push(file);
    return { passed: 1, failed: 0, skipped: 0, failures: [] };
  });
  expect(ran[0]).toBe('test/e2e/hadoop.test.ts');
  expect(ran[1]).not.toMatch(/jmx|spark/);
  expect(ran.toSorted()).toEqual(globSync('test/{e2e,nodes}/**/*.test.ts').toSorted());
});
