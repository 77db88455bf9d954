import type { ClusterRecord } from '../../../shared/core/record.ts';

/** Clocks of two containers differ by up to 5 s each way: a later look may bear an earlier time. */
const SKEW = 10_000;

/**
 *   a new version of a record                                 → must have
 *   the first one                                             → sequence 1
 *   one of a cluster that is under ended/, and had none       → not be written
 *   says another ETag of the target file, and nothing else    → the same sequence
 *   anything else                                             → the next sequence, and no older look
 */
export function noWayBack(
  before: ClusterRecord | undefined,
  after: ClusterRecord,
  isEnded: boolean,
): string | undefined {
  const { clusterId, sequence, observedAt } = after;
  if (before === undefined && isEnded) return `${clusterId} comes back after it was put under ended/`;
  if (before === undefined) return sequence === 1 ? undefined : `${clusterId} begins with version ${sequence}`;
  if (Date.parse(observedAt) < Date.parse(before.observedAt) - SKEW)
    return `${clusterId} goes back from a look at ${before.observedAt} to ${observedAt}`;
  if (sequence === before.sequence + 1) return undefined;
  if (sequence === before.sequence && besidesEtag(before) === besidesEtag(after)) return undefined;
  return `${clusterId}: version ${sequence} replaces ${before.sequence}`;
}

/** Both were read from canonical JSON: the same words are in the same order. */
const besidesEtag = (record: ClusterRecord): string => JSON.stringify({ ...record, targetEtag: undefined });

/** A target file is rendered from a record that was saved, and never from an older one than the file it replaces. */
export function targetsFollowRecords(
  key: string,
  before: number | undefined,
  after: { readonly sequence: number; readonly body: string },
  renderedFrom: (sequence: number) => string | undefined,
): string | undefined {
  if (before !== undefined && after.sequence < before)
    return `${key} goes back from version ${before} to ${after.sequence}`;
  const right = renderedFrom(after.sequence);
  if (right === undefined) return `${key} says version ${after.sequence}, which was never saved`;
  return right === after.body ? undefined : `${key} is not what version ${after.sequence} of the record says`;
}
