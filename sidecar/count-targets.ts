import type { ClusterId } from '../shared/core/model.ts';
import { parseTargets } from '../shared/core/parse-targets.ts';
import type { TargetGroup } from '../shared/core/targets.ts';
import type { Known } from './known.ts';
import type { TargetFolder } from './target-folder.ts';

/** Targets by their job. */
export function countTargets(groups: readonly TargetGroup[]): ReadonlyMap<string, number> {
  const jobs = new Map<string, number>();
  for (const { targets, labels } of groups) {
    const job = labels['job'] ?? '';
    jobs.set(job, (jobs.get(job) ?? 0) + targets.length);
  }
  return jobs;
}

/** How many files are on disk. What an earlier process left is counted once: S3 may be away, or have them no more. */
export async function countOnDisk(
  folder: Pick<TargetFolder, 'list' | 'read'>,
  targets: Known['targets'],
): Promise<number> {
  const onDisk = await folder.list();
  for (const id of targets.keys()) if (!onDisk.has(id)) targets.delete(id);
  for (const id of onDisk) if (!targets.has(id)) targets.set(id, await countFile(id, folder));
  return onDisk.size;
}

async function countFile(id: ClusterId, folder: Pick<TargetFolder, 'read'>): Promise<ReadonlyMap<string, number>> {
  const body = await folder.read(id);
  try {
    return countTargets(parseTargets(body?.toString() ?? '[]'));
  } catch {
    return new Map(); // Written by hand: Prometheus has no target of it either.
  }
}
