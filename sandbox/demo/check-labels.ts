import type { ClusterId } from '../../shared/core/model.ts';
import type { Account } from '../account/account.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * Every label that the README promises has the value that the account says, and there is no other. `shared`: those of
 * the cluster. Throws with each difference.
 */
export function checkLabels(account: Account, id: ClusterId, seen: ReadonlyMap<string, Labels>, shared: Labels): void {
  const { emr, ec2 } = account.compute;
  const groups = new Map(emr.groups(id).map((group) => [group.id, group]));
  const problems = emr.instances(id).flatMap(({ groupId, ec2: node }) => {
    const group = groups.get(groupId);
    if (node === undefined || group === undefined) return [];
    const expected: Labels = {
      ...shared,
      account_id: account.accountId,
      availability_zone: ec2.instance(node.id)?.zone ?? '',
      cluster_id: id,
      cluster_role: group.role,
      instance: node.id,
      instance_type: group.instanceType,
      job: 'node',
      market: group.market,
      node_name: node.dnsName,
      region: account.region,
    };
    return differences(expected, seen.get(node.id) ?? {}).map((difference) => `${node.id}: ${difference}`);
  });
  if (problems.length > 0) throw new Error(`labels differ: ${problems.join('; ')}`);
}

const differences = (expected: Labels, actual: Labels): readonly string[] =>
  [...new Set([...Object.keys(expected), ...Object.keys(actual)])]
    .filter((label) => expected[label] !== actual[label])
    .map((label) => `${label} is ${actual[label] ?? 'missing'}, expected ${expected[label] ?? 'none'}`);
