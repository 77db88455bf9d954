import { AppError } from './core/errors.ts';
import type { ClusterId, ClusterState, InstanceId } from './core/model.ts';
import type { ClusterRecord } from './core/record.ts';
import { rollouts } from './core/rollout.ts';
import { livingNodes, representatives, type Survey, tagKeys, TRANSIENT, unclear } from './core/survey.ts';
import type { App, Tags } from './ports.ts';
import { rememberRecords } from './remember-records.ts';

export interface Around {
  readonly survey: Survey;
  readonly records: ReadonlyMap<ClusterId, ClusterRecord>;
  /** Of a newer schema, or broken: left alone. */
  readonly unreadable: ReadonlySet<ClusterId>;
  /** Target files whose cluster has neither a record nor living nodes. */
  readonly strays: readonly (readonly [ClusterId, string])[];
}

/**
 * One look at the whole account. With nothing changed it takes no call of EMR's: one of EC2's for every 1,000 nodes and
 * two more, and two lists of S3's.
 */
export async function lookAround(app: App): Promise<Around> {
  const at = app.now();
  const [members, leavers, listed, files] = await Promise.all([
    app.fleet.members(),
    app.fleet.leavers(),
    app.records.list(),
    app.targets.list(),
  ]);
  const all = await rememberRecords(listed, app);
  const records = new Map<ClusterId, ClusterRecord>();
  const unreadable = new Set<ClusterId>();
  for (const [id, { value }] of all) {
    if (value instanceof Error) unreadable.add(id);
    else records.set(id, value);
  }
  const missing = unclear(records.values(), { members, instances: leavers });
  const asked = missing.length === 0 ? new Map() : await app.fleet.instances(missing);
  const instances = new Map([...leavers, ...asked]);
  const living = [...livingNodes({ members, instances }).keys()];
  const survey: Survey = {
    at,
    members,
    instances,
    states: await askForStates(
      records,
      living.some((id) => !all.has(id)),
      app,
    ),
    tags: await askForTags(representatives({ members, instances }), at, app),
    files,
    rollouts: rollouts(records.values(), app.settings, at),
  };
  return { survey, records, unreadable, strays: [...files].filter(([id]) => !all.has(id)) };
}

/** One list call for all clusters that are about to change, or are new, when there is one. */
async function askForStates(
  records: ReadonlyMap<ClusterId, ClusterRecord>,
  hasNew: boolean,
  app: App,
): Promise<ReadonlyMap<ClusterId, ClusterState> | undefined> {
  const { clusters, budget } = app;
  const isWorthIt = hasNew || [...records.values()].some(({ state }) => TRANSIENT.includes(state));
  if (!isWorthIt || budget.wait(['ListClusters']) > 0) return undefined;
  return await hint('clusters about to change', () => clusters.list(TRANSIENT), app);
}

/** DescribeTags takes at most 200 values of a filter: so many clusters have their turn in a minute. */
const TAGS_AT_ONCE = 200;
const MINUTE = 60_000;

async function askForTags(
  nodes: ReadonlyMap<ClusterId, InstanceId>,
  at: Date,
  app: App,
): Promise<ReadonlyMap<ClusterId, Tags>> {
  const keys = tagKeys(app.settings);
  if (keys.length === 0 || nodes.size === 0) return new Map();
  const all = [...nodes].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const turn = Math.floor(at.getTime() / MINUTE) % Math.ceil(all.length / TAGS_AT_ONCE);
  const asked = all.slice(turn * TAGS_AT_ONCE, (turn + 1) * TAGS_AT_ONCE);
  const ids = asked.map(([, node]) => node);
  const tags = await hint('tags of nodes', () => app.fleet.tags(ids, keys), app);
  return new Map(tags && asked.map(([id, node]) => [id, tags.get(node) ?? {}]));
}

/** What only says whom to look at must not keep everybody from being looked at. */
async function hint<T>(what: string, ask: () => Promise<T>, { log }: App): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AppError) || !error.retryable) throw error;
    log.warn('hint missing', { what, error });
    return undefined;
  }
}
