import type { ClusterId, ClusterState, ExporterName, InstanceId, NodeState, Role } from '../../shared/core/model.ts';
import type { ClusterRecord, NodeRecord, Work } from '../../shared/core/record.ts';
import { RETIRED } from '../../shared/core/retire.ts';
import { type Rollout, rollouts } from '../../shared/core/rollout.ts';
import type { Settings } from '../../shared/core/settings.ts';
import { type Knowledge, nextStep } from '../next-step.ts';

/** How everything stands, from the records alone. */
export interface Status {
  readonly at: string;
  readonly clusters: readonly ClusterStatus[];
  /** Records that cannot be read, and why: nothing is done for these clusters. */
  readonly unreadable: readonly { readonly clusterId: ClusterId; readonly error: string }[];
  readonly rollouts: readonly RolloutStatus[];
  /** Clusters whose record was made under another configuration than this checkout's. */
  readonly otherwiseConfigured: number;
  /** Clusters that are watched no more since `npm run remove` was begun. */
  readonly retiring: number;
}

export interface ClusterStatus {
  readonly clusterId: ClusterId;
  readonly name: string;
  readonly state: ClusterState;
  readonly selected: boolean;
  /** Begin of the look that the record was last changed by. */
  readonly seenAt: string;
  readonly held: string | undefined;
  readonly nodes: readonly NodeStatus[];
}

interface NodeStatus {
  readonly node: InstanceId;
  readonly role: Role;
  readonly state: NodeState;
  readonly leaving: boolean;
  readonly held: string | undefined;
  readonly exporters: readonly ExporterStatus[];
}

export interface ExporterStatus {
  readonly exporter: ExporterName;
  /** `installed`, `none`, or the phase of its unfinished work. */
  readonly phase: Work['phase'] | 'installed' | 'none';
  readonly version: string | undefined;
  readonly since: string | undefined;
  readonly reason: string | undefined;
  /** What happens next, in words; undefined when nothing has to. */
  readonly next: string | undefined;
}

interface RolloutStatus extends Omit<Rollout, 'turn'> {
  readonly exporter: ExporterName;
  readonly version: string;
}

/** `only`: a cluster; the rollouts are those of all. */
export function viewStatus(
  records: ReadonlyMap<ClusterId, ClusterRecord | Error>,
  only: ClusterId | undefined,
  settings: Settings,
  now: Date,
): Status {
  const readable = [...records.values()].flatMap((record) => (record instanceof Error ? [] : [record]));
  const known: Knowledge = {
    now,
    exporters: new Map(settings.exporters.map((exporter) => [exporter.name, exporter])),
    rollouts: rollouts(readable, settings, now),
  };
  const shown = [...records]
    .filter(([id]) => only === undefined || id === only)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    at: now.toISOString(),
    clusters: shown.flatMap(([, record]) => (record instanceof Error ? [] : [viewCluster(record, known)])),
    unreadable: shown.flatMap(([clusterId, record]) =>
      record instanceof Error ? [{ clusterId, error: record.message }] : [],
    ),
    rollouts: settings.exporters.flatMap(({ name, version }) => {
      const rollout = known.rollouts.get(name);
      if (rollout === undefined) return [];
      const { turn: _, ...rest } = rollout;
      return [{ exporter: name, version, ...rest }];
    }),
    otherwiseConfigured: readable.filter((record) => record.configHash !== settings.hash && !isRetired(record)).length,
    retiring: readable.filter(isRetired).length,
  };
}

const isRetired = ({ configHash }: ClusterRecord): boolean => configHash.endsWith(RETIRED);

function viewCluster(record: ClusterRecord, known: Knowledge): ClusterStatus {
  const { clusterId, name, state, selected, observedAt, held, nodes } = record;
  const ids = Object.keys(nodes).sort() as InstanceId[];
  return {
    clusterId,
    name,
    state,
    selected,
    seenAt: observedAt,
    held,
    nodes: ids.flatMap((id) => {
      const node = nodes[id];
      return node === undefined ? [] : [viewNode(id, node, record, known)];
    }),
  };
}

function viewNode(id: InstanceId, node: NodeRecord, record: ClusterRecord, known: Knowledge): NodeStatus {
  const names = [...new Set([...known.exporters.keys(), ...Object.keys(node.exporters)])].sort();
  return {
    node: id,
    role: node.role,
    state: node.state,
    leaving: node.leaving === true,
    held: node.held,
    exporters: names.flatMap((exporter) => {
      const status = viewExporter(exporter, node, nextStep(record, node, exporter, known));
      return status.phase === 'none' && status.next === undefined ? [] : [status];
    }),
  };
}

function viewExporter(exporter: ExporterName, node: NodeRecord, next: string | undefined): ExporterStatus {
  const { installed, work, held } = node.exporters[exporter] ?? {};
  return {
    exporter,
    phase: work?.phase ?? (installed === undefined ? 'none' : 'installed'),
    version: (installed ?? work)?.version,
    since: (work ?? installed)?.at,
    reason: held ?? (work ?? installed)?.reason,
    next,
  };
}
