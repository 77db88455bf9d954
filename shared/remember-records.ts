import { AppError } from './core/errors.ts';
import { concurrently } from './core/concurrently.ts';
import type { ClusterId } from './core/model.ts';
import type { ClusterRecord } from './core/record.ts';
import type { App, Stored } from './ports.ts';

/** S3 has room for thousands of requests a second and prefix; a container has not. */
const READS_AT_ONCE = 16;

/** All records of a listing (id → ETag). Only those whose ETag changed since this container last read them are read. */
export async function rememberRecords(
  listed: ReadonlyMap<ClusterId, string>,
  { records, memory, log }: Pick<App, 'records' | 'memory' | 'log'>,
): Promise<ReadonlyMap<ClusterId, Stored<ClusterRecord | Error>>> {
  for (const id of memory.records.keys()) if (!listed.has(id)) memory.records.delete(id);
  const changed = [...listed].filter(([id, etag]) => memory.records.get(id)?.etag !== etag);
  await concurrently(READS_AT_ONCE, changed, async ([id, etag]) => {
    const stored = await readOrError(id, etag, records);
    if (stored === undefined) memory.records.delete(id);
    else memory.records.set(id, stored);
    if (stored?.value instanceof Error) log.error('record unreadable', { clusterId: id, error: stored.value });
  });
  return memory.records;
}

export const readable = (all: ReadonlyMap<ClusterId, Stored<ClusterRecord | Error>>): readonly ClusterRecord[] =>
  [...all.values()].flatMap(({ value }) => (value instanceof Error ? [] : [value]));

/** One that cannot be read is remembered as such, until somebody writes it again. */
async function readOrError(id: ClusterId, etag: string, records: App['records']) {
  try {
    return await records.read(id);
  } catch (error) {
    if (error instanceof AppError && !error.retryable) return { value: error, etag };
    throw error;
  }
}
