import type { Action, Knowledge } from './core/action.ts';
import type { ExporterName, OrderId } from './core/model.ts';
import { plan } from './core/plan.ts';
import type { ClusterRecord } from './core/record.ts';
import { applyResults } from './core/results.ts';
import { rollouts, turnsOf } from './core/rollout.ts';
import type { FleetKnowledge, Hints } from './look.ts';
import type { App } from './ports.ts';
import { readable, rememberRecords } from './remember-records.ts';

export interface Plan {
  readonly record: ClusterRecord;
  readonly actions: readonly Action[];
}

/**
 * Plans, asks SSM and S3 what the plan wants to know, and plans again with the answers. Without `orders` it asks for
 * results only: nothing is ordered on old knowledge of a node.
 */
export async function decide(
  record: ClusterRecord,
  { commands: rung, fleet }: Hints,
  app: App,
  to: 'orders' | 'results',
): Promise<Plan> {
  const first: Knowledge = {
    now: app.now(),
    rung,
    asked: new Set(),
    absent: new Map(),
    online: new Map(),
    missing: new Set(),
    ...turnsOf(fleet?.rollouts ?? new Map()),
  };
  const answered = await askForResults(record, plan(record, app.settings, first), first, app);
  const second = plan(answered.record, app.settings, answered.known);
  if (to === 'results') return { record: answered.record, actions: second };
  const known = await checkNodes(second, answered.known, fleet, app);
  return { record: answered.record, actions: plan(answered.record, app.settings, known) };
}

/** One call per command: results of all its nodes come together, and are matched by their order id. */
async function askForResults(record: ClusterRecord, actions: readonly Action[], known: Knowledge, app: App) {
  const looks = new Map(actions.flatMap((action) => (action.kind === 'look' ? [[action.orderId, action]] : [])));
  const found = await Promise.all(
    [...looks].map(async ([orderId, { orderedAt }]) => {
      const since = new Date(Date.parse(orderedAt) - CLOCK_SKEW);
      return { orderId, commandId: await app.commands.find(orderId, since) };
    }),
  );
  const asked = new Set([
    ...known.rung,
    ...actions.flatMap((action) => (action.kind === 'ask' ? [action.commandId] : [])),
    ...found.flatMap(({ commandId }) => (commandId === undefined ? [] : [commandId])),
  ]);
  const results = (await Promise.all([...asked].map((command) => app.commands.results(command)))).flat();
  const named = new Set(results.map(({ orderId, node }) => `${orderId} ${node}`));
  const absent = Map.groupBy(
    actions.filter((action) => action.kind === 'look' && !named.has(`${action.orderId} ${action.node}`)) as Look[],
    ({ orderId }): OrderId => orderId,
  );
  const now = app.now();
  return {
    record: applyResults(record, results, now),
    known: {
      ...known,
      now,
      asked,
      absent: new Map([...absent].map(([order, all]) => [order, new Set(all.map(({ node }) => node))])),
    },
  };
}

type Look = Extract<Action, { kind: 'look' }>;

/** Between the clock that claimed and SSM's. */
const CLOCK_SKEW = 60_000;

async function checkNodes(
  actions: readonly Action[],
  known: Knowledge,
  fleet: FleetKnowledge | undefined,
  app: App,
): Promise<Knowledge> {
  const checks = actions.filter((action) => action.kind === 'check');
  if (checks.length === 0) return known;
  const installs = checks.filter(({ action }) => action === 'install');
  const nodes = [...new Set(checks.map(({ node }) => node))];
  const exporters = [...new Set(installs.map(({ exporter }) => exporter))];
  const online = await app.commands.online(nodes);
  const urls = await Promise.all(exporters.map((exporter) => app.artifacts.urls(exporter)));
  return {
    ...known,
    ...(fleet === undefined && installs.length > 0 && { stopped: await stoppedRollouts(app) }),
    online: new Map(nodes.map((node) => [node, online.has(node)])),
    missing: new Set(exporters.filter((_, index) => urls[index] === undefined)),
  };
}

/** New nodes wait while their exporter's rollout is stopped; only all records together say whether it is. */
async function stoppedRollouts(app: App): Promise<ReadonlySet<ExporterName>> {
  const records = readable(await rememberRecords(await app.records.list(), app));
  return turnsOf(rollouts(records, app.settings, app.now())).stopped;
}
