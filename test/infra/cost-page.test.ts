import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { beyond, type CostCounts, type Counts, customMetrics, monthOf } from '../../bench/cost-model.ts';
import { alarmMetricsOfStack, withTables } from '../../bench/cost-page.ts';
import { ofType } from './template.ts';

const counts = JSON.parse(await readFile('bench/cost.json', 'utf8')) as CostCounts;

test('the numbers of docs/cost.md are those that the benchmark counted last, at its prices', async () => {
  const page = await readFile('docs/cost.md', 'utf8');
  expect(page).toBe(withTables(page, counts, await alarmMetricsOfStack()));
});

test('as many metrics of alarms are charged as those of the stack look at', async () => {
  const metrics = ofType('AWS::CloudWatch::Alarm').flatMap(([, { Properties }]) =>
    Array.isArray(Properties['Metrics']) ? Properties['Metrics'].filter((one) => 'MetricStat' in one) : ['one'],
  );
  expect(await alarmMetricsOfStack()).toBe(metrics.length);
});

test.each([
  [0, 0],
  [10_000, 3000],
  [10_001, 3000.1],
  [250_000, 27_000],
  [1_000_000, 64_500],
  [1_000_100, 64_502],
])('%i custom metrics are charged by tiers', (series, dollars) => {
  expect(customMetrics(series)).toBeCloseTo(dollars, 6);
});

const NONE: Counts = {
  minutes: 60,
  invocations: 0,
  gbSeconds: 0,
  s3Writes: 0,
  s3Reads: 0,
  s3Deletes: 0,
  freeCalls: 0,
  messages: 0,
  batches: 0,
  logBytes: 0,
  metrics: 0,
};

test('an hour is a month when it is 730 times: requests, seconds and bytes by their own price', () => {
  const hour = { ...NONE, invocations: 1000, gbSeconds: 10, s3Writes: 100, s3Reads: 100, logBytes: 1e6 };
  const { lambda, s3, logs, sidecar } = monthOf(hour, { alarms: 0 });
  expect(lambda).toBeCloseTo(730 * (0.0002 + 10 * 0.0000133334), 6);
  expect(s3).toBeCloseTo(730 * (0.0005 + 0.00004), 6);
  expect(logs).toBeCloseTo(730 * (0.0005 + 0.0003), 6);
  expect(sidecar).toBeCloseTo(730 * 60 * 13 * 0.000005, 6);
});

test('what a launch takes is counted beyond what the same minutes take anyway', () => {
  expect(beyond({ ...NONE, minutes: 15, s3Writes: 40 }, { ...NONE, s3Writes: 120 }).s3Writes).toBe(10);
});
