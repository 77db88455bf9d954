import { describe, expect, test } from 'vitest';
import { parseReport } from '../../shared/core/report.ts';

const full = {
  exporter: 'node',
  outcome: 'installed',
  version: '1.12.1',
  changed: true,
  endpoints: [{ port: 9100, labels: { daemon: 'namenode' } }],
};
const endpoints = (count: number) => Array.from({ length: count }, (_, at) => ({ port: 9100 + at, labels: {} }));
const line = (fields: object): string => `PROMETHEUS_ON_EMR ${JSON.stringify(fields)}`;

test('the report is found among other lines, before what SSM appends of stderr', () => {
  expect(parseReport(`noise\n${line(full)}\n----------ERROR-------\nfailed to run commands: exit status 1`)).toEqual(
    full,
  );
});

test('a line that only mentions the report does not hide it', () => {
  expect(parseReport(`+ echo PROMETHEUS_ON_EMR {}\n${line(full)}`)).toEqual(full);
});

test('a report without endpoints has none', () => {
  expect(parseReport(line({ exporter: 'node', outcome: 'conflict', reason: 'port is taken' }))).toEqual({
    exporter: 'node',
    outcome: 'conflict',
    endpoints: [],
    reason: 'port is taken',
  });
});

test('a field that a later script may add does not spoil the report', () => {
  expect(parseReport(line({ ...full, seconds: 3 }))).toEqual(full);
});

describe('there is no report in', () => {
  test.each<[string, string]>([
    ['nothing', ''],
    ['a line of another program', '{"outcome":"installed"}'],
    ['a line that mentions ours', `echo ${line(full)}`],
    ['a line that SSM cut', line(full).slice(0, -5)],
    ['an unknown outcome', line({ ...full, outcome: 'done' })],
    ['a port that is none', line({ ...full, endpoints: [{ port: 65_536, labels: {} }] })],
    ['a port that is a text', line({ ...full, endpoints: [{ port: '9100', labels: {} }] })],
    ['a label that Prometheus would refuse', line({ ...full, endpoints: [{ port: 1, labels: { 'a-b': '' } }] })],
    ['a label that steers Prometheus', line({ ...full, endpoints: [{ port: 1, labels: { __address__: 'x:1' } }] })],
    ['more endpoints than a node has daemons', line({ ...full, endpoints: endpoints(33) })],
    ['null', 'PROMETHEUS_ON_EMR null'],
  ])('%s', (_title, output) => {
    expect(parseReport(output)).toBeUndefined();
  });
});
