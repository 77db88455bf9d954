import type { Action, Knowledge } from './core/action.ts';
import type { ExporterName, Invocation, OrderId } from './core/model.ts';
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
  /** The answers, for another plan of the same cluster. */
  readonly known: Knowledge;
}

/**
 * Plans, asks SSM and S3 what the plan wants to know, and plans again with the answers. Without `orders` it asks for
 * results only: nothing is ordered on old knowledge of a node.
 */
export async function decide(
  record: ClusterRecord,
  hints: Hints,
  app: App,
  to: 'orders' | 'results',
  known: Knowledge = unasked(hints, app),
): Promise<Plan> {
  const answered = await askForResults(record, plan(record, app.settings, known), known, app);
  const actions = plan(answered.record, app.settings, answered.known);
  if (to === 'results') return { ...answered, actions };
  const all = await checkNodes(actions, answered.known, hints.fleet, app);
  return { record: answered.record, actions: plan(answered.record, app.settings, all), known: all };
}

const unasked = ({ commands: rung, fleet }: Hints, app: App): Knowledge => ({
  now: app.now(),
  rung,
  asked: new Set(),
  absent: new Map(),
  online: new Map(),
  missing: new Set(),
  ...turnsOf(fleet?.rollouts ?? new Map()),
});

type Answered = Pick<Plan, 'record' | 'known'>;

/** One call per command: results of all its nodes come together, and are matched by their order id. */
async function askForResults(
  record: ClusterRecord,
  actions: readonly Action[],
  known: Knowledge,
  app: App,
): Promise<Answered> {
  const looks = actions.filter((action) => action.kind === 'look');
  const orders = new Map(looks.map((look) => [look.orderId, look]));
  const found = await Promise.all(
    [...orders.values()].map(async ({ orderId, orderedAt }) => {
      const since = new Date(Date.parse(orderedAt) - CLOCK_SKEW);
      return await app.commands.find(orderId, since);
    }),
  );
  const named = [
    ...known.rung,
    ...actions.flatMap((action) => (action.kind === 'ask' ? [action.commandId] : [])),
    ...found.flat(),
  ];
  const commands = new Set(named.filter((command) => !known.asked.has(command)));
  const results = (await Promise.all([...commands].map((command) => app.commands.results(command)))).flat();
  const now = app.now();
  return {
    record: applyResults(record, results, now),
    known: {
      ...known,
      now,
      asked: new Set([...known.asked, ...commands]),
      absent: new Map([...known.absent, ...absentOf(looks, results)]),
    },
  };
}

/** The nodes that no command of their order names: it was never sent to them. */
function absentOf(looks: readonly Look[], results: readonly Invocation[]): Knowledge['absent'] {
  const named = new Set(results.map(({ orderId, node }) => `${orderId} ${node}`));
  const absent = looks.filter(({ orderId, node }) => !named.has(`${orderId} ${node}`));
  const byOrder = Map.groupBy(absent, ({ orderId }): OrderId => orderId);
  return new Map([...byOrder].map(([order, all]) => [order, new Set(all.map(({ node }) => node))]));
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
    online: new Map([...known.online, ...nodes.map((node) => [node, online.has(node)] as const)]),
    missing: new Set([...known.missing, ...exporters.filter((_, index) => urls[index] === undefined)]),
  };
}

/** New nodes wait while their exporter's rollout is stopped; only all records together say whether it is. */
async function stoppedRollouts(app: App): Promise<ReadonlySet<ExporterName>> {
  const records = readable(await rememberRecords(await app.records.list(), app));
  return turnsOf(rollouts(records, app.settings, app.now())).stopped;
}
