import { concurrently } from '../../shared/core/concurrently.ts';
import { AppError, ConfigError } from '../../shared/core/errors.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import type { ClusterRecord } from '../../shared/core/record.ts';
import type { Records } from '../../shared/ports.ts';
import { bucketOf, recordsIn } from '../deployed-stack.ts';
import { lockFile, settingsAndDocuments } from '../package/package-stack.ts';
import type { Env } from '../place-options.ts';
import { printable, printableJson } from '../printable.ts';
import { reportAndExit } from '../report-and-exit.ts';
import { readStatusOptions } from './status-options.ts';
import { renderCluster, renderOverview } from './status-table.ts';
import { viewStatus } from './status-view.ts';

const READS_AT_ONCE = 16;

/** One that cannot be read does not hide the others. */
export async function readAll(
  records: Pick<Records, 'list' | 'read'>,
): Promise<ReadonlyMap<ClusterId, ClusterRecord | Error>> {
  const all = new Map<ClusterId, ClusterRecord | Error>();
  await concurrently(READS_AT_ONCE, [...(await records.list()).keys()], async (id) => {
    try {
      const stored = await records.read(id);
      if (stored !== undefined) all.set(id, stored.value);
    } catch (error) {
      if (!(error instanceof AppError) || error.retryable) throw error;
      all.set(id, error);
    }
  });
  return all;
}

/** How everything stands, for people; answers the exit code. */
export async function statusCommand(
  args: readonly string[],
  env: Env,
  write: (text: string) => void,
  now: Date,
): Promise<number> {
  const { clusterId, place, bucket, json } = readStatusOptions(args, env);
  const { settings } = await settingsAndDocuments(lockFile(env));
  const records = recordsIn(bucket ?? (await bucketOf(place)), place);
  const all = await readAll(records);
  if (clusterId !== undefined && !all.has(clusterId)) throw await strangerError(clusterId, records);
  const status = viewStatus(all, clusterId, settings, now);
  if (json) write(printableJson(status));
  else write(printable(clusterId === undefined ? renderOverview(status) : renderCluster(status)));
  return status.unreadable.length === 0 ? 0 : 1;
}

const strangerError = async (clusterId: ClusterId, { isEnded }: Pick<Records, 'isEnded'>): Promise<ConfigError> =>
  new ConfigError(
    (await isEnded(clusterId))
      ? `${clusterId} has ended; its last record is in the bucket, ended/${clusterId}.json, for 7 days`
      : `there is no record of ${clusterId}: is it of this account, Region and stage? npm run backfill -- --dry-run ${clusterId} asks EMR`,
  );

if (import.meta.main) {
  try {
    process.exitCode = await statusCommand(process.argv.slice(2), process.env, console.log, new Date());
  } catch (error) {
    reportAndExit(error);
  }
}
