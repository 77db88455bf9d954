import type { Role } from '../../shared/core/model.ts';
import type { Hadoop } from '../../scripts/prepare/prepare-hadoop.ts';
import type { Account } from '../account/account.ts';
import { CORE_DAEMONS, type DaemonName, MASTER_DAEMONS } from '../hadoop/daemon-table.ts';
import { hadoopNode } from '../hadoop/hadoop-node.ts';
import { startDaemons } from '../hadoop/run-daemons.ts';
import type { Equipment } from './node-hosts.ts';

/** As EMR places them. */
export const DAEMONS: Readonly<Record<Role, readonly DaemonName[]>> = {
  MASTER: MASTER_DAEMONS,
  CORE: CORE_DAEMONS,
  TASK: ['nodemanager'],
};

/** Hadoop on every node of the account, its daemons by the node's role. */
export function equipWithHadoop(hadoop: Hadoop, { compute: { emr } }: Account): Equipment {
  const members = (id: string) => {
    const cluster = emr.clusters().find((one) => emr.instances(one.id).some(({ ec2 }) => ec2?.id === id));
    if (cluster === undefined) return [];
    const roles = new Map(emr.groups(cluster.id).map((group) => [group.id, group.role]));
    return emr.instances(cluster.id).map(({ ec2, groupId }) => ({ ec2, role: roles.get(groupId) ?? 'TASK' }));
  };
  return {
    async of({ id, address }) {
      const master = members(id).find(({ role }) => role === 'MASTER')?.ec2?.address ?? address;
      return await hadoopNode(hadoop, { master, provisioning: 'SUCCESSFUL' });
    },
    async start(node, { id }) {
      const role = members(id).find(({ ec2 }) => ec2?.id === id)?.role ?? 'TASK';
      await startDaemons(node, DAEMONS[role]);
    },
  };
}
