import { decide } from './ask.ts';
import { chooseClusters, type Chosen, type Patience } from './backfill-clusters.ts';
import { force, forced, resets } from './backfill-force.ts';
import { type ClusterReport, countDecisions, endedReport, type Report, toDecisions } from './backfill-report.ts';
import type { BackfillRequest } from './backfill-request.ts';
import type { Action } from './core/action.ts';
import { AppError } from './core/errors.ts';
import type { ClusterId } from './core/model.ts';
import { remember } from './core/observe.ts';
import { policy } from './core/policy.ts';
import { type ClusterRecord, isSameRecord } from './core/record.ts';
import { rollouts } from './core/rollout.ts';
import { wishes } from './core/wishes.ts';
import { lookAround } from './look-around.ts';
import { lookNeeds, NO_HINTS, observe, observeNodes, type FleetKnowledge } from './look.ts';
import type { App, EmrOperation, Stored } from './ports.ts';

/** The function has 300 s (serverless.yml); the last cluster's look, and what `force` writes, take their share of them. */
const TIME_TO_LOOK = 240_000;
/** The last cluster's races and the doorbells have the rest. */
const TIME_TO_FORCE = 280_000;
/** Lambda's answer has at most 6 MB (Lambda quotas, "synchronous payload"); a decision takes some 200 bytes. */
const ROOM_FOR_DECISIONS = 20_000;

/**
 * Reports what would be done; unless `dryRun` it begins failed work anew (`force`) and rings the doorbells of the
 * clusters for which there is something to do.
 */
export async function backfillAll(request: BackfillRequest, app: App, room = ROOM_FOR_DECISIONS): Promise<Report> {
  const began = app.now().getTime();
  const patience = patienceUntil(began + TIME_TO_LOOK, app);
  const chosen = await chooseClusters(request, patience, app);
  const told: ClusterReport[] = [
    ...[...chosen.errors].map(([clusterId, error]) => ({ clusterId, error })),
    ...chosen.ended.map(endedReport),
  ];
  if (chosen.errors.size > 0 || chosen.unjudged.length > 0) return refuse(chosen, told);
  if (request.clusterIds === undefined && chosen.active === undefined) return notListed(app);
  const { reports: seen, waiting } = await lookAtAll(chosen, request, { patience, room }, app);
  const acted = request.dryRun ? seen : await forceAll(seen, request, began + TIME_TO_FORCE, app);
  const due = acted.flatMap((cluster) => ('error' in cluster || cluster.idle ? [] : [cluster.clusterId]));
  const rung = request.dryRun ? [] : due;
  if (rung.length > 0) await app.doorbells.ring(rung);
  const clusters = [...told, ...acted];
  const remaining = chosen.ids.filter((id) => !acted.some(({ clusterId }) => clusterId === id));
  return { clusters, counts: countDecisions(clusters), rung, remaining, ...(waiting && { waiting }) };
}

/** An empty report would read as an account without clusters. */
function notListed({ budget }: App): Report {
  const seconds = Math.ceil(budget.wait(['ListClusters']) / 1000);
  const problem = `nothing was done: our share of EMR's quotas has no room for its list of clusters; try again in ${seconds} s, or name the clusters`;
  return { clusters: [], counts: {}, rung: [], remaining: [], problem };
}

function patienceUntil(ends: number, app: App): Patience {
  return async (operations) => {
    for (;;) {
      const left = ends - app.now().getTime();
      const wait = app.budget.wait(operations);
      if (left <= wait) return false;
      if (wait === 0) return true;
      await app.sleep(wait);
    }
  };
}

/** One mistyped id, and nothing is done for the others either: half of a list is not what was asked for. */
function refuse({ ids, errors, unknown, unjudged }: Chosen, clusters: readonly ClusterReport[]): Report {
  const failed = [...errors.keys()].filter((id) => !unknown.includes(id));
  const problem =
    unknown.length > 0
      ? `nothing was done: EMR does not know ${unknown.join(', ')} in this account and Region; leave it out, or mend it`
      : undefined;
  return {
    clusters,
    counts: countDecisions(clusters),
    rung: [],
    remaining: [...failed, ...unjudged, ...ids],
    ...(problem === undefined ? {} : { problem }),
  };
}

/** As the sweep looks at them: EMR is asked only about those that differ from their record, and those come last. */
async function lookAtAll(
  { ids, active }: Chosen,
  request: BackfillRequest,
  { patience, room }: { readonly patience: Patience; readonly room: number },
  app: App,
): Promise<{ readonly reports: readonly ClusterReport[]; readonly waiting?: Report['waiting'] }> {
  const { records, unreadable, survey } = await lookAround(app);
  const states = active ?? survey.states;
  const differing = wishes(records, unreadable, { ...survey, states }, app.settings);
  const asked = new Set(differing.flatMap(({ id, depth }) => (depth === 'emr' ? [id] : [])));
  const isAsked = (id: ClusterId): boolean => asked.has(id) || app.memory.records.get(id) === undefined;
  const fleet: FleetKnowledge = {
    at: survey.at,
    instances: survey.instances,
    rollouts: rollouts(
      [...records.values()].map((record) => begun(record, ids, request, app)),
      app.settings,
      survey.at,
    ),
  };
  const reports: ClusterReport[] = [];
  let left = room;
  const needsOf = (id: ClusterId) => (isAsked(id) ? lookNeeds(records.get(id)) : []);
  const inOrder = [...ids.filter((id) => !isAsked(id)), ...ids.filter(isAsked)];
  for (const [index, id] of inOrder.entries()) {
    const stored = app.memory.records.get(id);
    if (left <= 0) break;
    if (!(await patience(needsOf(id)))) return { reports, waiting: waitOf(inOrder.slice(index).map(needsOf), app) };
    const report = await lookAtOne(id, stored, isAsked(id), { request, fleet }, app);
    left -= 'error' in report ? 0 : report.decisions.length;
    reports.push(report);
  }
  return { reports };
}

/** Backfill's share lets through one call at a time: what the next one waits for now, each of them will. */
function waitOf(looks: readonly (readonly EmrOperation[])[], { budget }: App): Report['waiting'] {
  const waits = looks.map((needs) => budget.wait(needs)).filter((wait) => wait > 0);
  const sum = waits.reduce((all, wait) => all + wait, 0);
  return sum === 0 ? undefined : { clusters: waits.length, minutes: Math.ceil(sum / 60_000) };
}

/** What a record will be once `force` has been there. */
const begun = (
  record: ClusterRecord,
  ids: readonly ClusterId[],
  { force: isForced, exporters }: BackfillRequest,
  app: App,
) => (isForced && ids.includes(record.clusterId) ? forced(record, exporters, app.now()) : record);

async function lookAtOne(
  clusterId: ClusterId,
  stored: Stored<ClusterRecord | Error> | undefined,
  isAsked: boolean,
  { request, fleet }: { readonly request: BackfillRequest; readonly fleet: FleetKnowledge },
  app: App,
): Promise<ClusterReport> {
  try {
    if (stored?.value instanceof Error) throw stored.value;
    const { exporters } = request;
    const before = stored && begun(stored.value, [clusterId], request, app);
    const hints = { ...NO_HINTS, fleet };
    const seen =
      isAsked || before === undefined
        ? await observe(clusterId, before, hints, app)
        : await observeNodes(before, hints, app);
    const { record, actions } = await decide(remember(before, seen, app.settings), hints, app, 'orders');
    const { name, state, selected, nodes } = record;
    return {
      clusterId,
      name,
      state,
      selected,
      nodes: Object.keys(nodes).length,
      decisions: toDecisions(policy(request.policies)(actions, record), exporters),
      reset: request.force && stored !== undefined ? resets(stored.value, exporters) : [],
      idle: stored !== undefined && isIdle(actions, record, stored.value),
    };
  } catch (error) {
    if (error instanceof AppError) return { clusterId, error: error.message };
    throw error;
  }
}

/** Five hundred doorbells that nothing comes of would take EMR's calls from a cluster that starts meanwhile. */
const isIdle = (actions: readonly Action[], seen: ClusterRecord, before: ClusterRecord): boolean =>
  actions.every(({ kind }) => kind === 'wait') && isSameRecord({ ...seen, configHash: before.configHash }, before);

/**
 * A cluster whose record somebody else writes all the time is reported as failed, and not rung; one for whose record
 * there is no time is left out.
 */
async function forceAll(
  reports: readonly ClusterReport[],
  { exporters }: BackfillRequest,
  ends: number,
  app: App,
): Promise<readonly ClusterReport[]> {
  const done: ClusterReport[] = [];
  for (const report of reports) {
    const isForced = !('error' in report) && report.reset.length > 0;
    if (isForced && app.now().getTime() >= ends) continue;
    try {
      if (isForced) await force(report.clusterId, exporters, app);
      done.push(report);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      done.push({ clusterId: report.clusterId, error: error.message });
    }
  }
  return done;
}
