import * as fc from 'fast-check';
import type { Knowledge } from '../../shared/core/action.ts';
import { applyDecisions, claim, noteSent } from '../../shared/core/commit.ts';
import type { ClusterId, CommandId, InstanceId, Invocation, OrderId } from '../../shared/core/model.ts';
import { plan } from '../../shared/core/plan.ts';
import type { ClusterRecord } from '../../shared/core/record.ts';
import { applyResults } from '../../shared/core/results.ts';
import { type Rollout, rollouts, turnsOf } from '../../shared/core/rollout.ts';
import type { RolloutSettings, Settings } from '../../shared/core/settings.ts';
import { aNode, aRecord, installed, MINUTE, NOTHING_KNOWN, NOW, settings } from './sample-record.ts';

/** A rollout from r1 to r2, played minute by minute with the real planner, on nodes that do what chance says. */

type Fate = 'succeeds' | 'fails' | 'putsOff' | 'isSilent';
interface Run {
  readonly fate: Fate;
  /** Minutes until its result. */
  readonly takes: number;
}

export interface Story {
  /** How many nodes each cluster has. */
  readonly clusters: readonly number[];
  readonly rollout: RolloutSettings;
  /** What the runs do, one after the other; afterwards all succeed. */
  readonly runs: readonly Run[];
  /** Nodes (of all, counted through) whose agent is offline until that minute. */
  readonly offline: ReadonlyMap<number, number>;
  /** Clusters to which a node with the new version joins at that minute. */
  readonly joins: readonly { readonly minute: number; readonly cluster: number }[];
}

const share = fc.constantFrom(0.05, 0.1, 0.34, 0.5, 1);
export const anyStory: fc.Arbitrary<Story> = fc.record({
  clusters: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
  rollout: fc.record({ atOnce: share, failures: share }),
  runs: fc.array(
    fc.record({
      fate: fc.constantFrom<Fate>(
        'succeeds',
        'succeeds',
        'succeeds',
        'fails',
        'fails',
        'putsOff',
        'putsOff',
        'isSilent',
      ),
      takes: fc.integer({ min: 0, max: 9 }),
    }),
    { maxLength: 12 },
  ),
  offline: fc
    .array(fc.tuple(fc.nat(23), fc.integer({ min: 1, max: 60 })), { maxLength: 3 })
    .map((some) => new Map(some)),
  joins: fc.array(fc.record({ minute: fc.nat(60), cluster: fc.nat(3) }), { maxLength: 2 }),
});

export interface Step {
  readonly now: Date;
  readonly before: readonly ClusterRecord[];
  readonly rollout: Rollout;
  readonly after: readonly ClusterRecord[];
  /** Nodes that were told to change in this step. */
  readonly told: ReadonlySet<InstanceId>;
}

/** Everything that happens, one sweep a minute, until all have the version, it was stopped, or `minutes` are over. */
export function* play(story: Story, minutes: number): Generator<Step> {
  const wanted: Settings = { ...settings, rollout: story.rollout };
  let fleet = story.clusters.map((size, index) => cluster(index, size));
  const online = new Map(
    fleet.flatMap(({ nodes }) => Object.keys(nodes)).map((id, index) => [id, story.offline.get(index) ?? 0]),
  );
  const pending: Pending[] = [];
  let sent = 0;
  for (let minute = 0; minute < minutes; minute += 1) {
    const now = new Date(NOW.getTime() + minute * MINUTE);
    fleet = fleet.map((record, index) =>
      withNewNodes(
        record,
        story.joins.filter((join) => join.minute === minute && join.cluster === index).length,
        minute,
      ),
    );
    const due = pending.filter((result) => result.minute === minute).map(({ result }) => result);
    const before = fleet.map((record) => applyResults(record, due, now));
    const all = rollouts(before, wanted, now);
    const told = new Set<InstanceId>();
    fleet = before.map((record) => {
      const known: Knowledge = {
        ...NOTHING_KNOWN,
        ...turnsOf(all),
        now,
        asked: new Set(commandsOf(record)),
        online: new Map(idsOf(record).map((id) => [id, minute >= (online.get(id) ?? 0)])),
      };
      const allowed = plan(record, wanted, known);
      const decided = applyDecisions(record, { allowed, refused: [] }, VERSIONS(wanted), now);
      return allowed
        .filter((action) => action.kind === 'order')
        .reduce((sum, order) => {
          const [orderId, commandId] = idsOfOrder((sent += 1));
          told.add(order.node);
          const { fate, takes } = story.runs[sent - 1] ?? { fate: 'succeeds', takes: 1 };
          if (fate !== 'isSilent')
            pending.push({
              minute: minute + 1 + takes,
              result: resultOf(fate, { node: order.node, orderId, commandId }),
            });
          return noteSent(claim(sum, [order], orderId), orderId, { commandId, nodes: [order.node] });
        }, decided);
    });
    const rollout = all.get('node');
    if (rollout === undefined) throw new RangeError('no rollout of node');
    yield { now, before, rollout, after: fleet, told };
    const isQuiet = pending.every((result) => result.minute <= minute);
    if (rollout.stage === 'none' || (rollout.stage === 'stopped' && isQuiet)) return;
  }
}

interface Pending {
  readonly minute: number;
  readonly result: Invocation;
}

const VERSIONS = ({ exporters }: Settings) => new Map(exporters.map((exporter) => [exporter.name, exporter]));
const idsOf = ({ nodes }: ClusterRecord): readonly InstanceId[] => Object.keys(nodes) as InstanceId[];
const commandsOf = ({ nodes }: ClusterRecord): readonly CommandId[] =>
  Object.values(nodes).flatMap(({ exporters }) => exporters['node']?.work?.commandId ?? []);
const idsOfOrder = (count: number): [OrderId, CommandId] => [
  `order-${count}`,
  `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
];

const cluster = (index: number, size: number): ClusterRecord => {
  const clusterId: ClusterId = `j-${index}`;
  const old = { ...installed, version: '1.11.0', revision: 'r1' };
  const nodes = Array.from({ length: size }, (_, place) => [
    `i-${index}-${place}`,
    aNode({ exporters: { node: { installed: old } } }),
  ]);
  return aRecord({ clusterId, nodes: Object.fromEntries(nodes) });
};

const withNewNodes = (record: ClusterRecord, count: number, minute: number): ClusterRecord => {
  const fresh = Array.from({ length: count }, (_, place) => [
    `i-new-${minute}-${place}`,
    aNode({ exporters: { node: { installed } } }),
  ]);
  return { ...record, nodes: { ...record.nodes, ...Object.fromEntries(fresh) } };
};

const line = (fields: object): string => `PROMETHEUS_ON_EMR ${JSON.stringify({ exporter: 'node', ...fields })}`;

function resultOf(fate: Fate, of: Pick<Invocation, 'node' | 'commandId' | 'orderId'>): Invocation {
  switch (fate) {
    case 'succeeds':
      return { ...of, status: 'Success', exitCode: 0, output: line({ outcome: 'installed', endpoints: [] }) };
    case 'putsOff':
      return { ...of, status: 'Failed', exitCode: 75, output: '' };
    default:
      return { ...of, status: 'Failed', exitCode: 1, output: '' };
  }
}
