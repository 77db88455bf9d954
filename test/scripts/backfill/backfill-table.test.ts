import { expect, test } from 'vitest';
import { renderReport } from '../../../scripts/backfill/backfill-table.ts';
import type { ClusterReport, Decision, Report } from '../../../shared/backfill-report.ts';

const NODES = ['i-0000000a', 'i-0000000b', 'i-0000000c'] as const;
const cluster = (decisions: readonly Decision[], changes: object = {}): ClusterReport => ({
  clusterId: 'j-1',
  name: 'etl',
  state: 'RUNNING',
  selected: true,
  nodes: 3,
  decisions,
  reset: [],
  idle: decisions.length === 0,
  ...changes,
});
const report = (clusters: readonly ClusterReport[], changes: Partial<Report> = {}): Report => ({
  clusters,
  counts: {},
  rung: [],
  remaining: [],
  ...changes,
});
const lines = (given: Report, isDryRun = true): readonly string[] =>
  renderReport(given, isDryRun, isDryRun ? ['--dry-run'] : ['--force', '--stage', 'prod']).split('\n');

test('nodes of a cluster with one and the same decision are one row, others are not', () => {
  const install = { kind: 'install', exporter: 'node', version: '1.12.1', reason: 'missing' } as const;
  const given = [
    ...NODES.slice(0, 2).map((node): Decision => ({ ...install, node })),
    { kind: 'wait', exporter: 'node', node: NODES[2], reason: 'SSM agent is not online' },
  ] as const;
  expect(lines(report([cluster(given)], { counts: { install: 2, wait: 1 } }))).toEqual([
    'CLUSTER  NODE                 EXPORTER  DECISION        REASON',
    'j-1      i-0000000a + 1 more  node      install 1.12.1  missing',
    'j-1      i-0000000c           node      wait            SSM agent is not online',
    '',
    '1 cluster with 3 nodes, 2 install, 1 wait',
    'Nothing was changed: without --dry-run the clusters are queued.',
  ]);
});

test('a refused decision names its policy and why', () => {
  const refused = (policy: 'pauseInstalls' | 'limitDeletes', reason: string) => ({ refused: { policy, reason } });
  const given: Decision[] = [
    {
      kind: 'install',
      node: NODES[0],
      exporter: 'node',
      version: '1.12.1',
      reason: 'missing',
      ...refused('pauseInstalls', 'installs are paused'),
    },
    {
      kind: 'forget',
      node: NODES[1],
      reason: 'node is gone',
      ...refused('limitDeletes', 'limitDeletes: 3 of 3 nodes at once'),
    },
  ];
  const said = lines(report([cluster(given)]));
  expect(said[1]).toMatch(/refused: install 1\.12\.1 +missing; pauseInstalls: installs are paused$/);
  expect(said[2]).toMatch(/refused: forget +node is gone; limitDeletes: 3 of 3 nodes at once$/);
});

test('what force begins anew is a row of its own', () => {
  const idle = false;
  const reset = [{ node: NODES[0], exporter: 'node', phase: 'gaveUp', reason: 'disk full' }];
  expect(lines(report([cluster([], { reset, idle })]))[1]).toMatch(
    /^j-1 +i-0000000a +node +begin anew +gaveUp: disk full$/,
  );
});

test('clusters with nothing to do are counted, and errors are rows', () => {
  const said = lines(report([cluster([]), { clusterId: 'j-2', error: 'clusters/j-2.json: not JSON' }]));
  expect(said[1]).toMatch(/^j-2 +error +clusters\/j-2\.json: not JSON$/);
  expect(said[3]).toBe('1 cluster with 3 nodes, 1 with nothing to do, 1 error');
});

test('a cluster that has ended is a row, one that is not watched is counted', () => {
  const ended = cluster([], { clusterId: 'j-2', state: 'TERMINATED', selected: false });
  const said = lines(report([ended, cluster([], { selected: false })]));
  expect(said[1]).toMatch(/^j-2 +nothing +the cluster is TERMINATED$/);
  expect(said[3]).toBe('2 clusters with 6 nodes, 2 with nothing to do, 1 not watched');
});

test('without dryRun it says how many were queued, and what is left with the command that goes on', () => {
  const given = report([cluster([])], { rung: ['j-1'], remaining: ['j-2', 'j-3'] });
  expect(lines(given, false).slice(-2)).toEqual([
    '1 cluster queued.',
    'Not done; to go on: npm run backfill -- --force --stage prod j-2 j-3',
  ]);
  expect(lines(given).at(-1)).toBe('Not done; to go on: npm run backfill -- --dry-run j-2 j-3');
});

test('a problem stands in place of what was done', () => {
  const said = lines(report([], { problem: 'nothing was done: …', remaining: ['j-1'] }), false);
  expect(said).toEqual([
    '0 clusters with 0 nodes',
    'nothing was done: …',
    'Not done; to go on: npm run backfill -- --force --stage prod j-1',
  ]);
});

test('what waits for our share of the quotas is told with how long it takes, and what is quicker', () => {
  const given = report([cluster([])], { remaining: ['j-2', 'j-3'], waiting: { clusters: 2, minutes: 3 } });
  expect(lines(given, false).slice(-2)).toEqual([
    "Waiting for our share of EMR's quotas: 2 clusters, about 3 minutes. The sweep meets them by itself, and sooner.",
    'Not done; to go on: npm run backfill -- --force --stage prod j-2 j-3',
  ]);
});
