import { AGENT_OFFLINE } from '../../shared/core/decide.ts';
import type { ClusterId, InstanceId } from '../../shared/core/model.ts';
import type { ClusterRecord, ExporterState } from '../../shared/core/record.ts';
import { RETIRED } from '../../shared/core/retire.ts';

/** An exporter of ours that is still on a node, or may be. */
export interface Left {
  readonly clusterId: ClusterId;
  readonly node: InstanceId;
  readonly exporter: string;
  /** underWay: it goes by itself; idle: it should, soon; the others need a person. */
  readonly kind: 'underWay' | 'idle' | 'unreachable' | 'failed' | 'held';
  readonly why: string;
}

interface Remains {
  readonly left: readonly Left[];
  /** Clusters that nobody has looked at yet since the functions know that everything goes. */
  readonly unseen: readonly ClusterId[];
  /** Clusters whose record cannot be read. */
  readonly unreadable: readonly ClusterId[];
}

type Records = ReadonlyMap<ClusterId, ClusterRecord | Error>;

/**
 * What the records say is left to take off:
 *
 *   in the record                                     → counts as
 *   the cluster ends, or has; the node does not run    → nothing: it goes with its node
 *   made under settings that watch clusters           → unseen
 *   a policy of monitoring.yml keeps it               → held
 *   removal waits for the SSM agent                   → unreachable
 *   removal failed, or was given up                   → failed
 *   other unfinished work                             → underWay
 *   installed                                         → idle
 */
export function remainsOf(records: Records): Remains {
  const all = [...records];
  const read = all.flatMap(([, record]) => (record instanceof Error || isEnding(record) ? [] : [record]));
  return {
    left: read.flatMap(leftOf),
    unseen: read.flatMap(({ clusterId, configHash }) => (configHash.endsWith(RETIRED) ? [] : [clusterId])),
    unreadable: all.flatMap(([id, record]) => (record instanceof Error ? [id] : [])),
  };
}

const isEnding = ({ state }: ClusterRecord): boolean => state.startsWith('TERMINAT');

const leftOf = ({ clusterId, nodes }: ClusterRecord): readonly Left[] =>
  Object.entries(nodes).flatMap(([node, { state, exporters }]) =>
    Object.entries(exporters).flatMap(([exporter, of]) =>
      state === 'TERMINATED' || (of.installed === undefined && of.work === undefined)
        ? []
        : [{ clusterId, node: node as InstanceId, exporter, ...standing(of) }],
    ),
  );

function standing({ work, held }: ExporterState): Pick<Left, 'kind' | 'why'> {
  if (held !== undefined) return { kind: 'held', why: `${held} (policies in monitoring.yml)` };
  if (work?.reason === AGENT_OFFLINE) return { kind: 'unreachable', why: AGENT_OFFLINE };
  const isFailed = work?.action === 'remove' && (work.phase === 'failed' || work.phase === 'gaveUp');
  if (isFailed) return { kind: 'failed', why: `${work.phase}: ${work.reason ?? 'it said nothing'}` };
  if (work === undefined) return { kind: 'idle', why: 'its removal was not ordered' };
  return { kind: 'underWay', why: work.phase };
}

/** `12 exporters on 4 nodes to go: 8 under way, 4 unreachable` */
export function inOneLine({ left, unseen }: Remains): string {
  const nodes = new Set(left.map(({ node }) => node)).size;
  const kinds = [...Map.groupBy(left, ({ kind }) => kind)].map(([kind, of]) => `${of.length} ${WORDS[kind]}`);
  const parts = [...kinds, ...(unseen.length > 0 ? [`${unseen.length} clusters not looked at yet`] : [])];
  return `${left.length} exporters on ${nodes} nodes to go: ${parts.join(', ')}`;
}

const WORDS: Readonly<Record<Left['kind'], string>> = {
  underWay: 'under way',
  idle: 'not ordered yet',
  unreachable: 'unreachable',
  failed: 'failed',
  held: 'held by a policy',
};
