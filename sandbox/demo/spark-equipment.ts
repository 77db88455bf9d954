import type { Role } from '../../shared/core/model.ts';
import type { Spark } from '../../scripts/prepare/prepare-spark.ts';
import type { Account } from '../account/account.ts';
import { runScript } from '../hadoop/run-script.ts';
import { sparkNode } from '../spark/spark-node.ts';
import type { Equipment } from './node-hosts.ts';

interface Colleague {
  readonly id: string;
  readonly address: string;
  readonly role: Role;
}

/** Spark on every node of the account: its master on the MASTER, where jobs are submitted, and a worker on each other. */
export function equipWithSpark(spark: Spark, { compute: { emr } }: Account): Equipment {
  const members = (id: string): readonly Colleague[] => {
    const cluster = emr.clusters().find((one) => emr.instances(one.id).some(({ ec2 }) => ec2?.id === id));
    if (cluster === undefined) return [];
    const roles = new Map(emr.groups(cluster.id).map((group) => [group.id, group.role]));
    return emr
      .instances(cluster.id)
      .flatMap(({ ec2, groupId }) => (ec2 ? [{ ...ec2, role: roles.get(groupId) ?? 'TASK' }] : []));
  };
  return {
    async of({ id, address }) {
      const master = members(id).find(({ role }) => role === 'MASTER')?.address ?? address;
      return await sparkNode(spark, { master, address });
    },
    async start(node, { id }) {
      const role = members(id).find((member) => member.id === id)?.role;
      await runScript(node, `systemctl start spark-${role === 'MASTER' ? 'master' : 'worker'}`);
    },
  };
}

/** Both on every node; a folder that both bring is there once. */
export const together = (one: Equipment, other: Equipment): Equipment => ({
  async of(instance) {
    const parts = [await one.of(instance), await other.of(instance)];
    const binds = parts.flatMap((part) => part.binds ?? []);
    return {
      files: parts.flatMap((part) => part.files ?? []),
      binds: [...new Map(binds.map((bind) => [bind.target, bind])).values()],
    };
  },
  async start(node, instance) {
    await Promise.all([one.start(node, instance), other.start(node, instance)]);
  },
});
