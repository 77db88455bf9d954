import * as fc from 'fast-check';
import type { ClusterId, CommandId, InstanceId, OrderId } from '../../shared/core/model.ts';
import type { Knowledge } from '../../shared/core/action.ts';
import type { ClusterRecord, ExporterState, Installed, NodeRecord, Work } from '../../shared/core/record.ts';
import type { Policies, Settings } from '../../shared/core/settings.ts';
import { MINUTE, nodeExporter, NOW, settings } from './sample-record.ts';

/** Values for property tests; times lie around NOW, ids come from a small set so that they meet. */

const EXPORTERS = ['graphite', 'jmx', 'node'] as const;
const ROLES = ['MASTER', 'CORE', 'TASK'] as const;
const PHASES = [
  'waiting',
  'ordered',
  'installing',
  'failed',
  'gaveUp',
  'conflict',
  'unsupported',
  'pendingRestart',
  'removing',
] as const;

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: length, maxLength: length });
const instanceId = hex(17).map((digits): InstanceId => `i-${digits}`);
const clusterId = fc.stringMatching(/^[A-Z0-9]{1,13}$/).map((rest): ClusterId => `j-${rest}`);
const orderId = fc.constantFrom<OrderId>('order-1', 'order-2');
const COMMANDS: readonly CommandId[] = ['e8d3c0e4-71f7-4491-898f-c9b35bee5f3b', '00000000-0000-4000-8000-000000000000'];
const commandId = fc.constantFrom(...COMMANDS);
const instant = fc
  .integer({ min: -2000 * MINUTE, max: 0 })
  .map((offset) => new Date(NOW.getTime() + offset).toISOString());
const labelName = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
/** Tag values are any UTF-8. */
const text = fc.string({ unit: 'binary', maxLength: 12 });
const labels = fc.dictionary(labelName, text, { noNullPrototype: true, maxKeys: 4 });

const installed: fc.Arbitrary<Installed> = fc.record(
  {
    version: fc.constantFrom('1.11.0', '1.12.1'),
    revision: fc.constantFrom('r1', 'r2'),
    endpoints: fc.array(fc.record({ port: fc.integer({ min: 1, max: 65_535 }), labels }, { noNullPrototype: true }), {
      maxLength: 3,
    }),
    at: instant,
    adopted: fc.boolean(),
    from: fc.constantFrom('r0', 'r1', 'r2'),
    reason: text,
    again: fc.integer({ min: 60, max: 86_400 }),
    askBy: instant,
  },
  { requiredKeys: ['version', 'revision', 'endpoints', 'at'], noNullPrototype: true },
);

const work: fc.Arbitrary<Work> = fc.record(
  {
    action: fc.constantFrom('install', 'remove'),
    phase: fc.constantFrom(...PHASES),
    orderId,
    commandId,
    version: fc.constantFrom('1.11.0', '1.12.1'),
    revision: fc.constantFrom('r1', 'r2'),
    attempt: fc.nat(6),
    deferrals: fc.nat(9),
    at: instant,
    reason: text,
  },
  { requiredKeys: ['action', 'phase', 'version', 'revision', 'attempt', 'deferrals', 'at'], noNullPrototype: true },
);

const exporterState: fc.Arbitrary<ExporterState> = fc.record(
  { installed, work, held: text },
  { requiredKeys: [], noNullPrototype: true },
);

const node: fc.Arbitrary<NodeRecord> = fc.record(
  {
    state: fc.constantFrom('PROVISIONING', 'BOOTSTRAPPING', 'RUNNING', 'RUNNING', 'RUNNING', 'TERMINATED'),
    firstSeen: instant,
    address: fc.ipV4(),
    dnsName: text,
    role: fc.constantFrom(...ROLES),
    instanceType: text,
    market: fc.constantFrom('ON_DEMAND', 'SPOT'),
    zone: text,
    arch: fc.constantFrom('amd64', 'arm64'),
    leaving: fc.boolean(),
    held: text,
    exporters: fc.dictionary(fc.constantFrom(...EXPORTERS), exporterState, { noNullPrototype: true }),
  },
  { requiredKeys: ['state', 'firstSeen', 'role', 'instanceType', 'market', 'exporters'], noNullPrototype: true },
);

export const anyRecord: fc.Arbitrary<ClusterRecord> = fc.record(
  {
    schema: fc.constant(2 as const),
    writer: text,
    sequence: fc.nat(),
    targetEtag: text,
    configHash: text,
    tags: labels,
    held: text,
    clusterId,
    name: text,
    selected: fc.boolean(),
    releaseLabel: text,
    state: fc.constantFrom(
      'STARTING',
      'RUNNING',
      'RUNNING',
      'WAITING',
      'TERMINATING',
      'TERMINATED',
      'TERMINATED_WITH_ERRORS',
    ),
    labels,
    roles: fc.dictionary(fc.stringMatching(/^ig-[A-Z0-9]{1,5}$/), fc.constantFrom(...ROLES), { noNullPrototype: true }),
    observedAt: instant,
    nodes: fc.dictionary(instanceId, node, { noNullPrototype: true, maxKeys: 6 }),
  },
  {
    requiredKeys: [
      ...(['schema', 'writer', 'sequence', 'configHash', 'clusterId', 'name', 'selected'] as const),
      ...(['releaseLabel', 'state', 'labels', 'roles', 'observedAt', 'nodes'] as const),
    ],
    noNullPrototype: true,
  },
);

/** Seldom in force, so that most plans are carried out. */
const seldom = fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const policies: fc.Arbitrary<Policies> = fc.record({
  dryRun: seldom,
  pauseInstalls: seldom,
  limitDeletes: fc.oneof(fc.record({ nodes: fc.nat(6) }), fc.record({ share })),
});

export const anySettings: fc.Arbitrary<Settings> = fc
  .record({
    exporters: fc.uniqueArray(fc.record({ name: fc.constantFrom(...EXPORTERS), roles: fc.subarray([...ROLES]) }), {
      selector: ({ name }) => name,
    }),
    policies,
    rollout: fc.record({ atOnce: share, failures: share }),
  })
  .map(({ exporters, ...rest }) => ({
    ...settings,
    ...rest,
    exporters: exporters.map((exporter) => ({ ...nodeExporter, ...exporter })),
  }));

/** What may be known of a record, from nothing at all to the answer to every question. */
export const anyKnowledge = (record: ClusterRecord): fc.Arbitrary<Knowledge> => {
  const ids = Object.keys(record.nodes) as InstanceId[];
  return fc.record({
    now: fc.integer({ min: 0, max: 100 * MINUTE }).map((later) => new Date(NOW.getTime() + later)),
    rung: someOf(COMMANDS),
    asked: someOf(COMMANDS),
    absent: fc
      .dictionary(orderId, someOf(ids), { noNullPrototype: true })
      .map((found) => new Map(Object.entries(found) as [OrderId, ReadonlySet<InstanceId>][])),
    online: fc
      .subarray(ids)
      .chain((some) => fc.tuple(...some.map((id) => fc.tuple(fc.constant(id), fc.boolean()))))
      .map((some) => new Map(some)),
    missing: someOf<string>(EXPORTERS),
    stopped: someOf<string>(EXPORTERS),
    upgrades: fc
      .dictionary(fc.constantFrom(...EXPORTERS), someOf(ids), { noNullPrototype: true })
      .map((turns) => new Map(Object.entries(turns))),
  });
};

const someOf = <T>(values: readonly T[]): fc.Arbitrary<ReadonlySet<T>> =>
  fc.subarray([...values]).map((some) => new Set(some));

/** Every question of the planner has its answer: all commands asked, all orders without one looked for, all nodes checked. */
export const fullKnowledge = (record: ClusterRecord): fc.Arbitrary<Knowledge> => {
  const ids = Object.keys(record.nodes) as InstanceId[];
  return fc
    .tuple(anyKnowledge(record), fc.array(fc.boolean(), { minLength: ids.length, maxLength: ids.length }))
    .map(([known, answers]) => ({
      ...known,
      asked: new Set(worksOf(record).flatMap((one) => one.commandId ?? [])),
      absent: new Map(
        worksOf(record).flatMap((one) => (one.orderId === undefined ? [] : [[one.orderId, new Set(ids)] as const])),
      ),
      online: new Map(ids.map((id, index) => [id, answers[index] ?? false])),
    }));
};

const worksOf = (record: ClusterRecord): readonly Work[] =>
  Object.values(record.nodes).flatMap(({ exporters }) => Object.values(exporters).flatMap((state) => state.work ?? []));
