import { expect, test } from 'vitest';
import { nextStep } from '../../scripts/next-step.ts';
import { span } from '../../shared/core/span.ts';
import type { ClusterRecord, ExporterState, NodeRecord, Work } from '../../shared/core/record.ts';
import type { Rollout } from '../../shared/core/rollout.ts';
import {
  ago,
  aNode,
  aRecord,
  CLUSTER,
  COMMAND,
  installed,
  MINUTE,
  nodeExporter,
  NOW,
  SECOND,
  someWork,
} from '../core/sample-record.ts';

const old = { ...installed, version: '1.11.0', revision: 'r1' };

interface Place {
  readonly record?: Partial<ClusterRecord>;
  readonly node?: Partial<NodeRecord>;
  readonly stage?: Rollout['stage'];
}

function next(state: ExporterState, { record = {}, node = {}, stage = 'rest' }: Place = {}): string | undefined {
  const place = aNode({ exporters: { node: state }, ...node });
  return nextStep(aRecord(record), place, 'node', {
    now: NOW,
    exporters: new Map([['node', nodeExporter]]),
    rollouts: new Map([['node', { stage, total: 2, done: 1, failed: 0, turn: new Set() }]]),
  });
}
const work = (changes: Partial<Work>) => ({ work: someWork(changes) });

test.each<[string, ExporterState, Place, string | undefined]>([
  ['installed as wanted: nothing', { installed }, {}, undefined],
  ['nothing on a node that wants it', {}, {}, 'is ordered as soon as the sweep or an event looks'],
  ['nothing on a node that wants nothing', {}, { record: { selected: false } }, undefined],
  ['waiting', work({ phase: 'waiting' }), {}, 'the sweep looks again'],
  ['put off', work({ phase: 'waiting', deferrals: 3, at: ago(MINUTE) }), {}, 'again in 3 min'],
  ['put off, and due', work({ phase: 'waiting', deferrals: 1, at: ago(MINUTE) }), {}, 'again now'],
  [
    'ordered',
    work({ at: ago(2 * MINUTE), commandId: COMMAND }),
    {},
    'result expected; without one ordered again in 14 min',
  ],
  [
    'claimed',
    work({ at: ago(30 * SECOND) }),
    {},
    'being sent; looked for in 2 min, and ordered again where it was not',
  ],
  [
    'claimed long ago',
    work({ at: ago(3 * MINUTE) }),
    {},
    'being sent; looked for now, and ordered again where it was not',
  ],
  [
    'being removed',
    work({ phase: 'removing', action: 'remove' }),
    {},
    'result expected; without one ordered again in 16 min',
  ],
  ['failed twice', work({ phase: 'failed', attempt: 2, at: ago(30 * SECOND) }), {}, 'again in 2 min, run 3 of 6'],
  [
    'given up',
    work({ phase: 'gaveUp', attempt: 6 }),
    {},
    `gave up after 6 runs: npm run backfill -- --force ${CLUSTER}`,
  ],
  ['in conflict', work({ phase: 'conflict', at: ago(25 * MINUTE) }), {}, 'looks again hourly, in 35 min'],
  [
    'given up as another revision',
    work({ phase: 'gaveUp', revision: 'r1' }),
    {},
    'is ordered as soon as the sweep or an event looks',
  ],
  [
    'an order of another revision in flight',
    work({ phase: 'installing', revision: 'r1' }),
    {},
    'result expected; without one ordered again in 16 min',
  ],
  ['older', { installed: old }, {}, '1.12.1 when its turn in the rollout comes'],
  [
    'older, the rollout stopped',
    { installed: old },
    { stage: 'stopped' },
    'stays: the rollout of 1.12.1 has stopped (another version, or npm run backfill -- --force)',
  ],
  ['installed, wanted no more', { installed }, { record: { selected: false } }, 'is taken off the node'],
  [
    'failed, wanted no more',
    work({ phase: 'failed', attempt: 1 }),
    { record: { selected: false } },
    'is taken off the node',
  ],
  [
    'a removal that failed',
    work({ phase: 'failed', action: 'remove', attempt: 1 }),
    { record: { selected: false } },
    'again in 60 s, run 2 of 6',
  ],
  ['held', { held: 'installs are paused' }, {}, 'as soon as the policies in monitoring.yml let it'],
  [
    'on a node that does not run yet',
    {},
    { node: { state: 'BOOTSTRAPPING' } },
    'as soon as EMR calls the node RUNNING',
  ],
  ['installed on a node that bootstraps again', { installed }, { node: { state: 'BOOTSTRAPPING' } }, undefined],
  [
    'failed, and the cluster ends',
    work({ phase: 'failed', attempt: 1 }),
    { record: { state: 'TERMINATING' } },
    'nothing more: the cluster ends',
  ],
  [
    'waiting, and the cluster starts',
    work({ phase: 'waiting' }),
    { record: { state: 'STARTING' } },
    'as soon as the cluster runs',
  ],
])('%s', (_title, state, place, expected) => {
  expect(next(state, place)).toBe(expected);
});

test('an exporter that this checkout does not know has its work told all the same', () => {
  const node = aNode({ exporters: { old: work({ phase: 'removing', action: 'remove' }), gone: { installed } } });
  const known = { now: NOW, exporters: new Map(), rollouts: new Map() };
  expect(nextStep(aRecord(), node, 'old', known)).toContain('result expected');
});

test.each([
  [-5, '0 s'],
  [89, '89 s'],
  [90, '2 min'],
  [89 * 60, '89 min'],
  [90 * 60, '2 h'],
  [47 * 3600, '47 h'],
  [49 * 3600, '2 d'],
])('%d seconds are %s', (seconds, words) => {
  expect(span(seconds * 1000)).toBe(words);
});
