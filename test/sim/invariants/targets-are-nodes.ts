import type { TargetGroup } from '../../../shared/core/targets.ts';
import type { InstanceId } from '../../../shared/core/model.ts';

/** What every group of one node's exporter must say, label by label; a label may have had several right values. */
export interface Expected {
  readonly address: string;
  readonly labels: readonly Readonly<Record<string, string>>[];
}

/** A target is a node that EMR reported in that cluster, where the exporter was once installed, rightly labelled. */
export function targetsAreNodes(
  groups: readonly TargetGroup[],
  expected: (instance: InstanceId, job: string) => Expected | undefined,
): string | undefined {
  for (const { targets, labels } of groups) {
    const where = `${labels['job']} on ${labels['instance']}`;
    const right = expected(labels['instance'] as InstanceId, labels['job'] ?? '');
    if (right === undefined) return `${where}: EMR never reported such a node, or nothing was installed there`;
    if (targets.length !== 1 || targets[0] !== right.address)
      return `${where}: ${targets.join()} instead of ${right.address}`;
    if (!right.labels.some((one) => isSame(one, labels))) return `${where}: wrong labels ${JSON.stringify(labels)}`;
  }
  return undefined;
}

const isSame = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
};
