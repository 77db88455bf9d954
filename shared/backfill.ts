import * as z from 'zod/mini';
import { AppError, ConfigError } from './core/errors.ts';
import { isClusterId } from './core/event.ts';
import { IN_WORDS } from './core/in-words.ts';
import type { ClusterId } from './core/model.ts';
import { remember } from './core/observe.ts';
import type { Action } from './core/plan.ts';
import { NO_HINTS, decide, observe } from './look.ts';
import type { App } from './ports.ts';

const request = z.strictObject({
  clusterIds: z.optional(
    z.array(z.custom<ClusterId>(isClusterId, 'not a cluster id')).check(z.minLength(1, 'is empty')),
  ),
  dryRun: z._default(z.boolean(), false),
});

export type Request = z.output<typeof request>;

/** What would be done for one cluster, or why nothing can be said of it. */
type ClusterReport =
  | {
      readonly clusterId: ClusterId;
      readonly name: string;
      readonly selected: boolean;
      readonly actions: readonly Action[];
      /** What the policy would not let happen. */
      readonly refused: readonly Action[];
    }
  | { readonly clusterId: ClusterId; readonly error: string };

export interface Report {
  readonly clusters: readonly ClusterReport[];
  /** Clusters whose doorbell was rung. */
  readonly rung: readonly ClusterId[];
  /** Clusters that did not fit in time: pass them as `clusterIds` to go on. */
  readonly remaining: readonly ClusterId[];
}

/** Throws a ConfigError that names every field that does not hold. */
export function parseRequest(event: unknown): Request {
  const parsed = request.safeParse(event ?? {}, IN_WORDS);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'event'}: ${message}`);
  throw new ConfigError(`${problems.join('; ')} (known: clusterIds, dryRun)`);
}

/** The function has 300 s (serverless.yml); one cluster's look may take its share of them. */
const TIME_TO_LOOK = 240_000;

export async function backfillAll({ clusterIds, dryRun }: Request, app: App): Promise<Report> {
  const ends = app.now().getTime() + TIME_TO_LOOK;
  const ids = [...new Set(clusterIds ?? (await app.clusters.active()))];
  const clusters: ClusterReport[] = [];
  for (const id of ids) {
    if (app.now().getTime() >= ends) break;
    clusters.push(await report(id, app));
  }
  const rung = dryRun ? [] : clusters.flatMap((cluster) => ('error' in cluster ? [] : [cluster.clusterId]));
  if (rung.length > 0) await app.doorbells.ring(rung);
  return { clusters, rung, remaining: ids.slice(clusters.length) };
}

async function report(clusterId: ClusterId, app: App): Promise<ClusterReport> {
  try {
    const stored = await app.records.read(clusterId);
    const seen = await observe(clusterId, stored?.value, NO_HINTS, app);
    const { record, actions } = await decide(remember(stored?.value, seen, app.settings), NO_HINTS, app);
    const { allowed, refused } = app.policy(actions, record);
    return { clusterId, name: record.name, selected: record.selected, actions: allowed, refused };
  } catch (error) {
    if (error instanceof AppError) return { clusterId, error: error.message };
    throw error;
  }
}
