import type { ClusterId, CommandId, InstanceId, Role } from './core/model.ts';
import type { Observation } from './core/observe.ts';
import { plan, type Action, type Knowledge } from './core/plan.ts';
import type { ClusterRecord } from './core/record.ts';
import { applyResults } from './core/results.ts';
import { isSelected } from './core/selection.ts';
import type { App } from './ports.ts';

/** What a doorbell may add to a cluster's id: where to look, never what to believe. */
export interface Hints {
  readonly commands: ReadonlySet<CommandId>;
  readonly leaving: ReadonlySet<InstanceId>;
}

export const NO_HINTS: Hints = { commands: new Set(), leaving: new Set() };

/** Asks EMR and EC2 about one cluster. DescribeCluster first; its nodes only while it runs and is watched. */
export async function observe(
  id: ClusterId,
  before: ClusterRecord | undefined,
  { leaving }: Hints,
  app: App,
): Promise<Observation> {
  const { clusters, fleet, settings } = app;
  const at = app.now();
  const cluster = await clusters.describe(id);
  const isRunning = cluster.state === 'RUNNING' || cluster.state === 'WAITING';
  const isAsked = isRunning && isSelected(cluster.tags, settings.selection);
  const nodes = isAsked ? await clusters.nodes(id) : undefined;
  const hasNewGroup = nodes?.some(({ collectionId }) => before?.roles[collectionId] === undefined) ?? false;
  const roles: ReadonlyMap<string, Role> = hasNewGroup ? await clusters.roles(cluster) : new Map();
  const ids = new Set([...Object.keys(before?.nodes ?? {}), ...(nodes ?? []).map((node) => node.id)]);
  const instances = await fleet.instances([...ids] as InstanceId[]);
  return { at, cluster, nodes, roles, instances, leaving };
}

export interface Plan {
  readonly record: ClusterRecord;
  readonly actions: readonly Action[];
}

/** Plans, asks SSM and S3 what the plan wants to know, and plans again with the answers. */
export async function decide(record: ClusterRecord, { commands: rung }: Hints, app: App): Promise<Plan> {
  const nothing = {
    rung,
    asked: new Set<CommandId>(),
    absent: new Set<never>(),
    online: new Map(),
    missing: new Set<never>(),
  };
  const first: Knowledge = { now: app.now(), ...nothing };
  const answered = await askForResults(record, plan(record, app.settings, first), first, app);
  const second = plan(answered.record, app.settings, answered.known);
  const known = await checkNodes(second, answered.known, app);
  return { record: answered.record, actions: plan(answered.record, app.settings, known) };
}

/** One call per command: results of all its nodes come together, and are matched by their order id. */
async function askForResults(record: ClusterRecord, actions: readonly Action[], known: Knowledge, app: App) {
  const looks = new Map(
    actions.flatMap((action) => (action.kind === 'look' ? [[action.orderId, action.orderedAt]] : [])),
  );
  const found = await Promise.all(
    [...looks].map(async ([orderId, orderedAt]) => {
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
  const absent = new Set(found.flatMap(({ orderId, commandId }) => (commandId === undefined ? [orderId] : [])));
  const now = app.now();
  return { record: applyResults(record, results, now), known: { ...known, now, asked, absent } };
}

/** Between the clock that claimed and SSM's. */
const CLOCK_SKEW = 60_000;

async function checkNodes(actions: readonly Action[], known: Knowledge, app: App): Promise<Knowledge> {
  const checks = actions.filter((action) => action.kind === 'check');
  if (checks.length === 0) return known;
  const nodes = [...new Set(checks.map(({ node }) => node))];
  const exporters = [...new Set(checks.map(({ exporter }) => exporter))];
  const online = await app.commands.online(nodes);
  const urls = await Promise.all(exporters.map((exporter) => app.artifacts.urls(exporter)));
  return {
    ...known,
    online: new Map(nodes.map((node) => [node, online.has(node)])),
    missing: new Set(exporters.filter((_, index) => urls[index] === undefined)),
  };
}
