import type { ClusterId } from '../../../shared/core/model.ts';

/** Sweeps that came to their end since the cluster ended, by cluster with a target file. */
export function endedTargetsGo(sweepsSinceEnd: ReadonlyMap<ClusterId, number>): string | undefined {
  const late = [...sweepsSinceEnd].find(([, sweeps]) => sweeps >= 2);
  return late && `${late[0]} ended ${late[1]} sweeps ago and still has a target file`;
}
