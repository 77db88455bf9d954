import { describe, expect, test } from 'vitest';
import type { ClusterRecord } from '../../shared/core/record.ts';
import { rollouts, turnsOf } from '../../shared/core/rollout.ts';
import type { RolloutSettings, Settings } from '../../shared/core/settings.ts';
import { docList } from './doc-table.ts';
import { fleet } from './sample-fleet.ts';
import { nodeExporter, NOW, settings, switchedOff } from './sample-record.ts';

const rolloutOf = (records: readonly ClusterRecord[], rollout: Partial<RolloutSettings> = {}, wanted = settings) => {
  const found = rollouts(records, { ...wanted, rollout: { ...settings.rollout, ...rollout } }, NOW).get('node');
  if (found === undefined) throw new RangeError('no rollout of node');
  return { ...found, turn: [...found.turn].toSorted() };
};

/** The stage of a fleet, and the nodes whose turn it is; 1 of 10 nodes at once, but one always may. */
const stageOf = (records: readonly ClusterRecord[], rollout: Partial<RolloutSettings> = {}) => {
  const { stage, turn } = rolloutOf(records, rollout);
  return [stage, ...turn].join(' ');
};

const ALL = { atOnce: 1 };
const olds = (count: number, ...others: readonly string[]) =>
  [...others, ...Array<string>(count).fill('old')].join(' ');

type Case = readonly [fleet: readonly string[], expected: string, rollout?: Partial<RolloutSettings>];

/** One entry for each stage in rollout.ts. */
const rows: Readonly<Record<string, readonly Case[]>> = {
  'none every node that has the exporter has the wanted revision': [
    [[], 'none'],
    [['upgraded new', 'upgraded'], 'none'],
    [['upgraded bare installing adopted gone'], 'none'],
  ],
  'canary none has changed to it yet: one node of the fleet tries': [
    [['old old', 'old'], 'canary i-1-1', ALL],
    [['busy old', 'old'], 'canary i-1-1', ALL],
    [['old offline', 'old'], 'canary i-1-2', ALL],
    [['failed old', 'old'], 'canary', ALL],
    [['failedDue old', 'old'], 'canary i-1-1', ALL],
    [['failedAway old'], 'canary', ALL],
    [['oldAway old'], 'canary i-1-2', ALL],
    [['new old', 'new old'], 'canary i-1-2', ALL],
    [['leaving adopted old'], 'canary i-1-3', ALL],
    [['removing old'], 'canary i-1-1', ALL],
    [['leaving'], 'canary', ALL],
  ],
  'clusters one has: one node of each other cluster tries': [
    [['upgraded old', 'old old', 'old'], 'clusters i-2-1 i-3-1', ALL],
    [['upgraded old', 'busy old', 'old'], 'clusters i-2-1 i-3-1', ALL],
    [['upgraded old', 'busy old', 'upgraded old'], 'clusters i-2-1', ALL],
    [['upgraded old', 'failed old', 'old old'], 'clusters i-3-1', ALL],
    [['upgraded old', 'busy'], 'clusters i-2-1', ALL],
    [['upgraded old', 'new old'], 'clusters i-2-2', ALL],
    [['upgraded old', 'leaving old'], 'clusters i-2-2', ALL],
    [['upgraded old', 'old', 'old', 'old'], 'clusters i-2-1 i-3-1', { atOnce: 0.4 }],
  ],
  'rest every cluster’s own try is over: the rest follows where it succeeded': [
    [['upgraded old old', 'upgraded old'], 'rest i-1-2 i-1-3 i-2-2', ALL],
    [['upgraded old old'], 'rest i-1-2'],
    [['upgraded old', 'failed old'], 'rest i-1-2', ALL],
    [['upgraded old', 'gaveUp old'], 'rest i-1-2', { atOnce: 1, failures: 0.5 }],
    [['upgraded old', 'leaving'], 'rest i-1-2', ALL],
    [['upgraded old', 'new', 'adopted'], 'rest i-1-2', ALL],
    [['upgraded gaveUp old'], 'rest i-1-3', { atOnce: 1, failures: 0.5 }],
  ],
  'stopped too many tries have failed: nobody is told to change, until there is another revision or somebody says `force`':
    [
      [['gaveUp old', 'old'], 'stopped', ALL],
      [['unsupported old', 'old'], 'stopped', ALL],
      [['gaveUp old', 'old'], 'stopped', { failures: 1 }],
      [['upgraded failed failed old'], 'stopped', ALL],
      [['upgraded failedAway failed old'], 'stopped', ALL],
      [['upgraded failedDue unsupported busy stuck old'], 'stopped', ALL],
      [['upgraded upgraded gaveUp old'], 'stopped', { failures: 0.33 }],
    ],
};

const complete = (cases: readonly Case[]) =>
  cases.map(([clusters, expected, rollout = {}]) => [clusters, expected, rollout] as const);

test('every stage in rollout.ts is tested, and no other', () => {
  expect(Object.keys(rows)).toEqual(docList('shared/core/rollout.ts').map((entry) => entry.replaceAll("'", '’')));
});

describe.each(Object.entries(rows))('%s', (_row, cases) => {
  test.each(complete(cases))('%j: %s', (clusters, expected, rollout) => {
    expect(stageOf(fleet(...clusters), rollout)).toBe(expected);
  });
});

describe('a share of the fleet is under way at once:', () => {
  const cases: readonly Case[] = [
    [['upgraded', olds(9, 'upgraded')].toReversed(), 'rest i-1-2'],
    [[olds(19, 'upgraded')], 'rest i-1-2 i-1-3'],
    [[olds(18, 'upgraded', 'busy')], 'rest i-1-2 i-1-3'],
    [[olds(17, 'upgraded', 'busy', 'busy')], 'rest i-1-2 i-1-3'],
    [[olds(16, 'upgraded', 'busy', 'busy', 'busy')], 'rest i-1-2 i-1-3 i-1-4'],
    [[olds(18, 'upgraded', 'failedDue')], 'rest i-1-3 i-1-4'],
    [[olds(2, 'upgraded')], 'rest i-1-2', { atOnce: 0.01 }],
    [[olds(17, 'upgraded', 'other', 'otherLost')], 'rest i-1-3'],
    [[olds(17, 'upgraded', 'busy', 'justPutOff')], 'rest i-1-2'],
    [[olds(17, 'upgraded', 'other', 'justPutOff')], 'rest'],
    [[olds(17, 'upgraded', 'busy', 'putOff')], 'rest i-1-2 i-1-3'],
    [['upgraded failedDue'], 'rest i-1-2'],
    [['upgraded failedDue busy'], 'rest i-1-3'],
    [['upgraded stuck failedDue'], 'rest i-1-2'],
  ];
  test.each(complete(cases))('%j: %s', (clusters, expected, rollout) => {
    expect(stageOf(fleet(...clusters), rollout)).toBe(expected);
  });
});

describe('where it is wanted no more', () => {
  const deselected = (words: string) =>
    fleet(words).map((one) => ({ ...one, clusterId: 'j-0' as const, selected: false }));

  test('what is under way has its part in the share, until its lease is over', () => {
    const records = [...deselected('busy otherLost old bare'), ...fleet(olds(9, 'upgraded'))];
    expect(rolloutOf(records)).toMatchObject({ stage: 'rest', total: 11 });
    expect(stageOf(records, { atOnce: 0.2 })).toBe('rest i-1-2');
  });

  test('what was tried is evidence, until it is taken away', () => {
    expect(stageOf([...deselected('gaveUp failed'), ...fleet('upgraded old')])).toBe('stopped');
    expect(stageOf([...deselected('upgraded old'), ...fleet('old old')])).toBe('clusters i-1-1');
    expect(stageOf([...deselected('failedDue old'), ...fleet('old old')])).toBe('canary');
    expect(stageOf([...deselected('removing'), ...fleet('old')])).toBe('canary i-1-1');
  });
});

describe('a node without result', () => {
  test.each<[string, readonly string[], string]>([
    ['is waited for 20 minutes', ['unanswered old', 'old'], 'canary i-1-1'],
    ['is replaced by another after 20 minutes', ['stuck old', 'old'], 'canary i-1-2'],
    ['whose agent is offline is waited for 20 minutes', ['offline old', 'old'], 'canary i-1-1'],
    ['whose agent is offline is replaced after 20 minutes', ['stuckOffline old', 'old'], 'canary i-1-2'],
    ['that puts it off once more, beside its replacement, waits for that', ['putOff busy', 'old'], 'canary i-1-2'],
    ['that puts it off is waited for a while', ['putOff old', 'old'], 'canary i-1-1'],
    ['that puts it off is replaced', ['stuckPutOff old', 'old'], 'canary i-1-2'],
    ['is replaced in its own cluster, too', ['upgraded', 'stuck old'], 'clusters i-2-2'],
    ['is tried again where there is no other', ['stuckOffline'], 'canary i-1-1'],
    ['does not make the canary two nodes when it is due again', ['stuckOffline stuckOffline busy old'], 'canary i-1-3'],
  ])('%s', (_title, clusters, expected) => {
    expect(stageOf(fleet(...clusters), ALL)).toBe(expected);
  });
});

describe('failures', () => {
  test.each<[string, readonly string[], Partial<RolloutSettings>, string]>([
    ['stop nothing when it is one that tries again', ['upgraded failed old'], {}, 'rest'],
    ['stop it when it is one that gave up', ['upgraded gaveUp old'], {}, 'stopped'],
    ['stop it when they are two above the share', ['upgraded failed failed old'], {}, 'stopped'],
    ['stop nothing at the share', [olds(2, ...Array<string>(18).fill('upgraded'), 'failed', 'gaveUp')], {}, 'rest'],
    ['stop it above the share', [olds(2, ...Array<string>(17).fill('upgraded'), 'failed', 'gaveUp')], {}, 'stopped'],
    ['of another revision do not count', ['upgraded otherFailed otherFailed'], {}, 'rest'],
    ['of nodes that are gone do not count', ['upgraded gone gone old'], {}, 'rest'],
  ])('%s', (_title, clusters, rollout, stage) => {
    expect(rolloutOf(fleet(...clusters), rollout).stage).toBe(stage);
  });
});

describe('left out are', () => {
  test.each<[string, string]>([
    ['adopted nodes', 'adopted old'],
    ['bare nodes and first installs', 'bare old'],
    ['first installs', 'installing old'],
    ['nodes that are gone', 'gone old'],
  ])('%s', (_title, nodes) => {
    expect(rolloutOf(fleet(nodes))).toEqual({ stage: 'canary', total: 1, done: 0, failed: 0, turn: ['i-1-2'] });
  });

  test('leaving nodes, unless they have begun', () => {
    expect(stageOf(fleet('leaving old'))).toBe('canary i-1-2');
    expect(stageOf(fleet('busyLeaving old'))).toBe('canary i-1-1');
  });

  test.each<[string, Partial<ClusterRecord>]>([
    ['a cluster that ends', { state: 'TERMINATING' }],
    ['a cluster that is watched no more', { selected: false }],
  ])('the nodes of %s', (_title, changes) => {
    expect(rolloutOf(fleet('old').map((record) => ({ ...record, ...changes })))).toMatchObject({ total: 0, turn: [] });
  });

  test('an exporter that is switched off', () => {
    expect(rolloutOf(fleet('old'), {}, switchedOff)).toMatchObject({ stage: 'none', total: 0 });
  });
});

test('new nodes count as done, but prove nothing', () => {
  expect(rolloutOf(fleet('new new new old'))).toEqual({
    stage: 'canary',
    total: 4,
    done: 3,
    failed: 0,
    turn: ['i-1-4'],
  });
});

test('what is under way from a revision before does not begin the new one by itself', () => {
  expect(stageOf(fleet('other other other'), ALL)).toBe('canary');
  expect(stageOf(fleet('otherLost otherLost old'), ALL)).toBe('canary i-1-1');
});

test('the order of the records does not matter', () => {
  const records = fleet('old old', 'old');
  expect(rolloutOf(records.toReversed())).toEqual(rolloutOf(records));
});

describe('back to the revision before', () => {
  const back: Settings = { ...settings, exporters: [{ ...nodeExporter, version: '1.11.0', revision: 'r1' }] };
  const stageBack = (...clusters: readonly string[]) => rolloutOf(fleet(...clusters), ALL, back);

  test('a stopped rollout has nobody to change but those that have', () => {
    expect(stageBack('failed gaveUp old busy')).toMatchObject({ stage: 'none', done: 4 });
    expect(stageBack('failed gaveUp old upgraded', 'upgraded')).toMatchObject({ stage: 'canary', turn: ['i-1-4'] });
  });
});

describe('what the planner learns of it', () => {
  const both: Settings = { ...settings, exporters: [nodeExporter, { ...nodeExporter, name: 'jmx' }] };

  test('is whose turn it is', () => {
    const { stopped, upgrades } = turnsOf(rollouts(fleet('old old'), both, NOW));
    expect([...stopped]).toEqual([]);
    expect(upgrades).toEqual(
      new Map([
        ['node', new Set(['i-1-1'])],
        ['jmx', new Set()],
      ]),
    );
  });

  test('is that nobody may be told when it is stopped', () => {
    const { stopped, upgrades } = turnsOf(rollouts(fleet('gaveUp old'), both, NOW));
    expect([...stopped]).toEqual(['node']);
    expect(upgrades.get('node')).toEqual(new Set());
  });
});
