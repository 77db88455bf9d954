import type { ClusterId } from './core/model.ts';
import type { App } from './ports.ts';
import { NO_HINTS } from './look.ts';
import { reconcile } from './reconcile.ts';

const AT_ONCE = 4; // EMR's read quotas refill at 0.5 to 1 a second: more would only wait

/**
 * Looks at every cluster that EMR or a record knows; one that fails does not keep the others from their turn. It begins
 * with another one each time: what EMR's quota has no room for in this minute has it in one of the next.
 */
export async function sweepAll(app: App): Promise<void> {
  const [active, recorded, files] = await Promise.all([app.clusters.active(), app.records.list(), app.targets.list()]);
  const clusters = new Set([...active, ...recorded.keys()]);
  const strays = [...files].filter(([id]) => !clusters.has(id));
  const queue = [
    ...turned([...clusters].toSorted(), app.random()).map((id) => ({ id, visit: () => reconcile(id, NO_HINTS, app) })),
    ...strays.map(([id, etag]) => ({ id, visit: () => withdrawAgain(id, etag, app) })),
  ];
  const failures: unknown[] = [];
  const work = queue.values();
  const worker = async () => {
    for (const { id, visit } of work) {
      try {
        await visit();
      } catch (error) {
        app.log.error('reconcile failed', { clusterId: id, error });
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  app.meter.count('ClustersSwept', clusters.size);
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} of ${queue.length} clusters failed`);
}

/** The same circle, begun at `share` (0 to 1) of it. */
function turned<T>(items: readonly T[], share: number): readonly T[] {
  const from = Math.floor(share * items.length);
  return [...items.slice(from), ...items.slice(0, from)];
}

/** A writer that was slower than its cluster's end brought the file back. Without ended/ nothing is known, nor done. */
async function withdrawAgain(id: ClusterId, etag: string, { records, targets }: App): Promise<void> {
  if (await records.isEnded(id)) await targets.delete(id, etag);
}
