import type { ClusterId, InstanceId } from '../../shared/core/model.ts';
import type { ClusterRecord, ExporterState, Work } from '../../shared/core/record.ts';
import { LEASE } from '../../shared/core/retry.ts';
import { type Count, rolloutsKeepTheirOrder } from './invariants/rollouts-keep-their-order.ts';
import { LOOK_AGE, START } from './time.ts';
import type { World } from './world.ts';

type Fleet = ReadonlyMap<ClusterId, { readonly value: ClusterRecord }>;

interface Upgrade {
  readonly node: InstanceId;
  readonly exporter: string;
  readonly revision: string;
}

interface Member extends ExporterState {
  readonly id: string;
  /** The record knows that it is gone: nothing is under way there. */
  readonly isGone: boolean;
}

/** Counts the fleet whenever a node is told to change to another revision. */
export interface RolloutWatch {
  readonly saved: (before: ClusterRecord | undefined, after: ClusterRecord | undefined) => void;
  /** `record` is the version that tells the node to; `fleet` are all records before that. */
  readonly begun: (record: ClusterRecord, upgrade: Upgrade, fleet: Fleet) => string | undefined;
}

export function watchRollouts({ deployment, elapsed }: Pick<World, 'deployment' | 'elapsed'>): RolloutWatch {
  /** When nodes that had an exporter left the records, and when one was last known to have changed to a revision. */
  const left: { readonly exporter: string; readonly at: number }[] = [];
  const upgradedAt = new Map<string, number>();
  const isRecent = (at: number | undefined): boolean => at !== undefined && at > elapsed() - LOOK_AGE;
  const ageOf = ({ work }: Member): number => elapsed() + START.getTime() - Date.parse(work?.at ?? '');

  const isLive = (member: Member): boolean => isInFlight(member.work) && ageOf(member) < LEASE;

  function count(members: readonly Member[], { node, exporter, revision }: Upgrade): Count {
    const trying = members.filter(
      ({ installed, work, isGone }) =>
        !isGone && installed?.revision !== revision && work?.action === 'install' && work.revision === revision,
    );
    const settled = trying.filter((one) => one.id !== node && ageOf(one) > LOOK_AGE);
    const isUpgraded = ({ installed }: Member): boolean =>
      installed?.revision === revision && installed.from !== undefined;
    const wasUpgraded = isRecent(upgradedAt.get(`${exporter} ${revision}`));
    return {
      total: members.length + left.filter((one) => one.exporter === exporter && isRecent(one.at)).length,
      upgraded: Math.max(members.filter(isUpgraded).length, wasUpgraded ? 1 : 0),
      // Whoever has tried before may try again beside the node that took its place.
      underWay: trying.filter(isLive).filter(({ work }) => work?.deferrals === 0 && work.attempt === 0).length,
      failed: settled.filter(({ work }) => work?.phase === 'failed' || work?.phase === 'gaveUp').length,
      gaveUp: settled.filter(({ work }) => work?.phase === 'gaveUp').length,
    };
  }

  return {
    saved(before, after) {
      for (const [id, { exporters }] of Object.entries(before?.nodes ?? {})) {
        for (const [exporter, { installed }] of Object.entries(exporters)) {
          if (installed === undefined) continue;
          if (installed.from !== undefined) upgradedAt.set(`${exporter} ${installed.revision}`, elapsed());
          const isThere = after?.nodes[id as InstanceId]?.exporters[exporter]?.installed !== undefined;
          if (!isThere) left.push({ exporter, at: elapsed() });
        }
      }
    },
    begun(record, upgrade, fleet) {
      const records = new Map([...fleet].map(([id, { value }]) => [id, value])).set(record.clusterId, record);
      const members = [...records.values()].flatMap(({ nodes, state }) =>
        state === 'RUNNING' || state === 'WAITING' ? membersOf(nodes, upgrade.exporter) : [],
      );
      const { exporter, revision } = upgrade;
      return rolloutsKeepTheirOrder(`${exporter} ${revision}`, deployment().settings.rollout, count(members, upgrade));
    },
  };
}

const isInFlight = (work: Work | undefined): boolean => work?.phase === 'ordered' || work?.phase === 'installing';

const membersOf = (nodes: ClusterRecord['nodes'], exporter: string): readonly Member[] =>
  Object.entries(nodes).flatMap(([id, { exporters, state: isSaidToBe }]) => {
    const state = exporters[exporter];
    return state?.installed === undefined ? [] : [{ id, isGone: isSaidToBe === 'TERMINATED', ...state }];
  });
