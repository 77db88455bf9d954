import { isSameRecord, type ClusterRecord } from './core/record.ts';
import type { App, Stored } from './ports.ts';

/** How often a writer that lost a race reads again and tries, before the next doorbell or sweep does. */
export const MAX_RACES = 5;

/** Saves a record under the next sequence number, unless it says what `before` says. A lost race is a ConflictError. */
export async function save(
  record: ClusterRecord,
  before: Stored<ClusterRecord> | undefined,
  { records, writer }: Pick<App, 'records' | 'writer'>,
): Promise<Stored<ClusterRecord>> {
  if (before !== undefined && isSameRecord(record, before.value)) return before;
  const value = { ...record, writer, sequence: (before?.value.sequence ?? 0) + 1 };
  return { value, etag: await records.save(value, before?.etag) };
}
