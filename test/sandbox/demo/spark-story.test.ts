import { expect, test } from 'vitest';
import { areas } from '../../../infra/exporters/graphite/paths/all.ts';
import { HEADLINES, movedSince, renderSparkOutcome } from '../../../sandbox/demo/spark-story.ts';

test('every headline is of a metric that is there without anybody asking for more than the essential ones', () => {
  const essential = new Set(
    areas.flatMap(({ metrics }) => metrics.filter(({ tier }) => tier === 'essential').map(({ name }) => name)),
  );
  const asked = Object.values(HEADLINES).flatMap((expression) => expression.match(/spark_\w+/g) ?? []);
  expect(asked).toHaveLength(Object.keys(HEADLINES).length);
  expect(asked.filter((name) => !essential.has(name))).toEqual([]);
});

test.each([
  ['the first numbers are all told', {}, { executors: 1, 'input, kB': 0 }, ['executors 1', 'input, kB 0']],
  ['only what has moved is told', { executors: 1, 'input, kB': 2 }, { executors: 2, 'input, kB': 2 }, ['executors 2']],
  ['what has gone is not told', { executors: 1 }, {}, []],
  ['a fraction has one digit', {}, { 'input, kB': 2.049 }, ['input, kB 2.0']],
])('%s', (_title, before, now, told) => {
  expect(movedSince(before, now)).toEqual(told);
});

test('in the end the numbers stand side by side as they were first, half-way and last', () => {
  const seen = [{}, { executors: 1 }, { executors: 2, 'input, kB': 3.25 }];
  const text = renderSparkOutcome({ applicationId: 'app-1', seen, gone: 61_500 });
  expect(text).toMatch(/^app-1: of 3 looks /m);
  expect(text).toMatch(/^executors +– +1 +2$/m);
  expect(text).toMatch(/^input, kB +– +– +3\.3$/m);
  expect(text).toContain('None of its series was left 61.5 s after its end.');
});
