import type { ClusterId, ExporterName, InstanceId } from './core/model.ts';
import type { ClusterRecord, ExporterState, NodeRecord, Work } from './core/record.ts';
import { deferralDelay } from './core/retry.ts';
import type { App } from './ports.ts';
import { afterRace, save } from './save.ts';

/** Work that `force` begins anew. */
export interface Reset {
  readonly node: InstanceId;
  readonly exporter: ExporterName;
  readonly phase: Work['phase'];
  readonly reason?: string;
}

type Filter = ReadonlySet<ExporterName> | undefined;

/** Has it failed, or does it wait longer and longer? An order in flight is never touched. */
const isStuck = ({ phase, deferrals }: Work): boolean => {
  switch (phase) {
    case 'failed':
    case 'gaveUp':
    case 'conflict':
    case 'unsupported':
      return true;
    case 'waiting':
      return deferrals > 0;
    case 'pendingRestart':
    case 'ordered':
    case 'installing':
    case 'removing':
      return false;
    default:
      return phase satisfies never;
  }
};

const isReset = ({ work }: ExporterState, exporter: ExporterName, exporters: Filter): boolean =>
  work !== undefined && isStuck(work) && (exporters === undefined || exporters.has(exporter));

/** What `force` would begin anew. */
export const resets = ({ nodes }: ClusterRecord, exporters: Filter): readonly Reset[] =>
  entriesOf(nodes).flatMap(([node, state]) =>
    Object.entries(state.exporters).flatMap(([exporter, seen]) => {
      if (seen.work === undefined || !isReset(seen, exporter, exporters)) return [];
      const { phase, reason } = seen.work;
      return [{ node, exporter, phase, ...(reason === undefined ? {} : { reason }) }];
    }),
  );

/** The record with that work as if it had never been tried. */
export function forced(record: ClusterRecord, exporters: Filter, now: Date): ClusterRecord {
  const nodes = entriesOf(record.nodes).map(([id, node]): [InstanceId, NodeRecord] => {
    const states = Object.entries(node.exporters).map(([name, state]): [ExporterName, ExporterState] => [
      name,
      state.work !== undefined && isReset(state, name, exporters) ? { ...state, work: anew(state.work, now) } : state,
    ]);
    return [id, { ...node, exporters: Object.fromEntries(states) }];
  });
  return { ...record, nodes: Object.fromEntries(nodes) };
}

/** Due at once. What failed before may have left something on the node, which one deferral remembers (decide.ts). */
function anew({ orderId: _, commandId: __, ...work }: Work, now: Date): Work {
  const deferrals = work.attempt > 0 || work.deferrals > 0 ? 1 : 0;
  const at = new Date(now.getTime() - deferralDelay(1)).toISOString();
  return { ...work, phase: 'waiting', attempt: 0, deferrals, at, reason: 'forced' };
}

/** Reads and saves it; after a lost race what is stuck then is begun anew. */
export async function force(id: ClusterId, exporters: Filter, app: App): Promise<void> {
  for (let race = 1; ; race += 1) {
    const before = await app.records.read(id);
    if (before === undefined) return; // it has ended meanwhile
    try {
      await save(forced(before.value, exporters, app.now()), before, app);
      return;
    } catch (error) {
      await afterRace(error, race, app);
    }
  }
}

const entriesOf = (nodes: ClusterRecord['nodes']) => Object.entries(nodes) as [InstanceId, NodeRecord][];
