import { renderTargets, targetGroups } from './core/targets.ts';
import type { ClusterRecord } from './core/record.ts';
import type { App, Stored } from './ports.ts';

/**
 * Brings the target file in line with a saved record. A file of a newer record is left alone; a lost race is a
 * ConflictError, and the record is read again. The record keeps the file's ETag under the same sequence number.
 */
export async function publish(
  stored: Stored<ClusterRecord>,
  { targets, records }: Pick<App, 'targets' | 'records'>,
): Promise<Stored<ClusterRecord>> {
  const { value: record, etag } = stored;
  const current = await targets.read(record.clusterId);
  const groups = targetGroups(record);
  const body = renderTargets(groups);
  if (current !== undefined && current.value.sequence > record.sequence) return stored;
  const isSame = current?.value.body === body;
  const file = { body, sequence: record.sequence };
  const isNothing = current === undefined && groups.length === 0;
  const targetEtag = isSame || isNothing ? current?.etag : await targets.put(record.clusterId, file, current?.etag);
  if (targetEtag === record.targetEtag) return stored;
  const value = { ...record, targetEtag };
  return { value, etag: await records.save(value, etag) };
}

/** The cluster's end, each step with its condition: whoever finds no record but ended/ stops. */
export async function withdraw(
  { value: record, etag }: Stored<ClusterRecord>,
  { targets, records }: App,
): Promise<void> {
  await records.markEnded(record);
  const file = await targets.read(record.clusterId);
  if (file !== undefined) await targets.delete(record.clusterId, file.etag);
  await records.delete(record.clusterId, etag);
}
