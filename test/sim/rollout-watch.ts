import type { ClusterId, InstanceId } from '../../shared/core/model.ts';
import type { ClusterRecord } from '../../shared/core/record.ts';
import type { Deployment } from './deployment.ts';
import { rolloutsKeepTheirOrder } from './invariants/rollouts-keep-their-order.ts';
import { LOOK_AGE, START } from './time.ts';

type Fleet = ReadonlyMap<ClusterId, { readonly value: ClusterRecord }>;
interface Upgrade {
  readonly node: InstanceId;
  readonly exporter: string;
  readonly revision: string;
}

/** Counts the fleet whenever a node is told to change to another revision; `record` is the version that says so. */
export function createRollouts(deployment: () => Deployment) {
  return {
    begun(record: ClusterRecord, { node, exporter, revision }: Upgrade, fleet: Fleet): string | undefined {
      const { rollout } = deployment().settings;
      const records = [
        ...new Map([...fleet].map(([id, { value }]) => [id, value])).set(record.clusterId, record).values(),
      ];
      const states = records.flatMap(({ nodes, state }) =>
        state === 'RUNNING' || state === 'WAITING'
          ? Object.entries(nodes).flatMap(([id, { exporters }]) =>
              exporters[exporter] === undefined ? [] : [{ id, ...exporters[exporter] }],
            )
          : [],
      );
      const members = states.filter(({ installed }) => installed !== undefined);
      const isTrying = ({ installed, work }: (typeof states)[number]): boolean =>
        installed?.revision !== revision && work?.action === 'install' && work.revision === revision;
      const now =
        Date.parse(
          records.find(({ clusterId }) => clusterId === record.clusterId)?.nodes[node]?.exporters[exporter]?.work?.at ??
            '',
        ) - START.getTime();
      const trying = members.filter(isTrying);
      const settled = trying.filter(
        ({ id, work }) => id !== node && now - (Date.parse(work?.at ?? '') - START.getTime()) > LOOK_AGE,
      );
      return rolloutsKeepTheirOrder(`${exporter} ${revision}`, rollout, {
        total: members.length,
        upgraded: members.filter(({ installed }) => installed?.revision === revision && installed.from !== undefined)
          .length,
        underWay: trying.filter(({ work }) => work?.phase === 'ordered' || work?.phase === 'installing').length,
        failed: settled.filter(({ work }) => work?.phase === 'failed' || work?.phase === 'gaveUp').length,
        gaveUp: settled.filter(({ work }) => work?.phase === 'gaveUp').length,
      });
    },
  };
}
