import type { InstanceId } from '../../../shared/core/model.ts';
import type { TargetGroup } from '../../../shared/core/targets.ts';

/** A target leaves only when its node or cluster has ended, or nobody wants it any more. */
export function leavesOnEvidence(
  before: readonly TargetGroup[],
  after: readonly TargetGroup[],
  mayLeave: (instance: InstanceId, job: string) => boolean,
): string | undefined {
  const left = new Set(after.map(nameOf));
  const wrong = before.find((group) => {
    const { instance, job } = group.labels;
    return !left.has(nameOf(group)) && !mayLeave(instance as InstanceId, job ?? '');
  });
  return wrong && `${nameOf(wrong)} is listed no more, and is there and wanted`;
}

const nameOf = ({ labels }: TargetGroup): string => `${labels['job']} on ${labels['instance']}`;
