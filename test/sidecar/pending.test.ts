import { describe, expect, test } from 'vitest';
import { AGENT_OFFLINE, ARTIFACTS_MISSING, ROLLOUT_STOPPED } from '../../shared/core/decide.ts';
import { renderTargets, targetGroups } from '../../shared/core/targets.ts';
import { parseRecord, type ExporterState, type NodeRecord } from '../../shared/core/record.ts';
import { parseStatus } from '../../sidecar/parse-status.ts';
import { type SeenWork, whyPending, type Why } from '../../sidecar/why-pending.ts';
import { aNode, idOf, instant, objectsOf, unfinished } from './page/page-records.ts';

const NOW = new Date('2026-11-23T03:00:00.000Z');

test.each<[SeenWork, Why]>([
  [{ phase: 'gaveUp', reason: AGENT_OFFLINE }, 'gave_up'],
  [{ phase: 'conflict' }, 'conflict'],
  [{ phase: 'unsupported' }, 'unsupported'],
  [{ phase: 'pendingRestart' }, 'pending_restart'],
  [{ phase: 'waiting', reason: AGENT_OFFLINE, deferrals: 9 }, 'agent_offline'],
  [{ phase: 'failed', reason: AGENT_OFFLINE }, 'agent_offline'],
  [{ phase: 'waiting', reason: ARTIFACTS_MISSING }, 'artifacts_missing'],
  [{ phase: 'waiting', reason: ROLLOUT_STOPPED }, 'rollout_stopped'],
  [{ phase: 'failed', reason: 'exit 1', deferrals: 9 }, 'failed'],
  [{ phase: 'waiting', reason: 'exit 75', deferrals: 5 }, 'put_off'],
  [{ phase: 'ordered', deferrals: 5 }, 'put_off'],
  [{ phase: 'waiting', reason: 'exit 75', deferrals: 4 }, 'waiting'],
  [{ phase: 'waiting', reason: 'toString' }, 'waiting'],
  [{ phase: 'installing', reason: AGENT_OFFLINE }, 'in_flight'],
  [{ phase: 'of a newer schema' }, 'in_flight'],
])('%j is pending because of %s', (work, why) => {
  expect(whyPending(work)).toBe(why);
});

const statusOf = (nodes: readonly NodeRecord[]) => {
  const body = objectsOf('j-A', NOW, Object.fromEntries(nodes.map((node, index) => [idOf(1, index), node])));
  return parseStatus(body['clusters/j-A.json'] ?? '');
};
const jmx = (minutes: number, reason: string): Readonly<Record<string, ExporterState>> => ({
  jmx: unfinished(NOW, 'jmx', minutes, { phase: 'gaveUp', reason }),
});

describe('of nodes that wait for the same kind of thing', () => {
  test('they are counted, and the one that waits longest says since when and why', () => {
    const { pending } = statusOf([aNode(NOW, 0, jmx(5, 'young')), aNode(NOW, 1, jmx(50, 'old')), aNode(NOW, 2)]);
    const since = NOW.getTime() - 50 * 60_000;
    expect(pending).toEqual([{ exporter: 'jmx', why: 'gave_up', count: 2, since, node: idOf(1, 1), reason: 'old' }]);
  });

  test('fifty are told, the rest is counted', () => {
    const { stories, moreStories, pending } = statusOf(
      Array.from({ length: 130 }, (_, n) => aNode(NOW, n, jmx(n, ''))),
    );
    expect([stories.length, moreStories, pending[0]?.count]).toEqual([50, 80, 130]);
    expect(stories[0]?.node).toBe(idOf(1, 129));
  });
});

test('what a policy holds, and what an installed exporter has to say, is told; the note does not count as pending', () => {
  const noted = {
    jmx: { installed: { version: '1', revision: 'r', endpoints: [], at: instant(NOW, 9), reason: 'no hive' } },
  };
  const { stories, pending } = statusOf([
    { ...aNode(NOW, 0, noted), held: 'over the limit' },
    aNode(NOW, 1, { node: { held: 'installs are paused' } }),
  ]);
  expect(stories.map(({ exporter, why, reason }) => [exporter, why, reason])).toEqual([
    [undefined, 'held', 'over the limit'],
    ['node', 'held', 'installs are paused'],
    ['jmx', 'note', 'no hive'],
  ]);
  expect(pending.map(({ why, count }) => [why, count])).toEqual([['held', 1]]);
});

describe('an upgrade', () => {
  const old = { version: '1', revision: 'r1', endpoints: [], at: instant(NOW, 9) };
  const to2 = (phase: 'gaveUp' | 'failed' | 'ordered', action: 'install' | 'remove' = 'install'): ExporterState => ({
    installed: old,
    ...unfinished(NOW, 'node', 1, { phase, action, version: '2', revision: 'r2' }),
  });
  test.each<[string, ExporterState, readonly unknown[]]>([
    ['that is done', { installed: { ...old, from: 'r0' } }, [['1', 'done']]],
    ['that is under way', to2('ordered'), [['2', 'under_way']]],
    ['that failed', to2('failed'), [['2', 'failed']]],
    ['that was given up', to2('gaveUp'), [['2', 'gave_up']]],
    ['is none when the exporter is taken off', to2('ordered', 'remove'), []],
    ['is none when it is installed for the first time', { installed: old }, []],
  ])('%s', (_name, node, expected) => {
    const { upgrades } = statusOf([aNode(NOW, 0, { node })]);
    expect(upgrades.map(({ version, outcome }) => [version, outcome])).toEqual(expected);
  });
});

test('a record says as many endpoints as its target file has targets', () => {
  const { address: _, ...homeless } = aNode(NOW, 1);
  const objects = objectsOf('j-A', NOW, { [idOf(1, 0)]: aNode(NOW, 0), [idOf(1, 1)]: homeless });
  const body = objects['clusters/j-A.json'] ?? '';
  const targets = targetGroups(parseRecord(body, 'j-A')).length;
  expect(renderTargets(targetGroups(parseRecord(body, 'j-A')))).toBe(objects['targets/j-A.json']);
  const { endpoints } = parseStatus(body);
  expect([...endpoints.values()].reduce((sum, count) => sum + count, 0)).toBe(targets);
});

test('fields of a newer schema that are not as they were are shown as absent, and hide nothing else', () => {
  const node = { ...aNode(NOW, 0), market: 7, firstSeen: null, exporters: { node: { installed: { endpoints: 'x' } } } };
  const text = JSON.stringify({ name: 'etl', state: 'RUNNING', labels: 1, held: {}, nodes: { [idOf(1, 0)]: node } });
  expect(parseStatus(text)).toMatchObject({
    name: 'etl',
    region: '',
    held: undefined,
    firstSeen: undefined,
    groups: [{ role: 'MASTER', market: '', count: 1 }],
    nodes: [{ exporter: 'node', phase: 'installed', count: 1 }],
  });
});
