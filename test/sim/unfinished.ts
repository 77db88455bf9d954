import type { InstanceId } from '../../shared/core/model.ts';
import type { ExporterState } from '../../shared/core/record.ts';
import type { ExporterSettings, Settings } from '../../shared/core/settings.ts';
import { type NextStep, nextStep } from './next-step.ts';
import { expectedOf } from './target-truth.ts';
import { CALM, LENGTH, MINUTE, SECOND, START } from './time.ts';
import { isWanted, type TrueCluster, type TrueNode } from './truth.ts';
import type { Overdue } from './invariants/converges.ts';
import type { World } from './world.ts';

/** Two sweeps, and the time that a look, an order and its result take on their way. */
const SLACK = 2 * MINUTE + 45 * SECOND;

/** Everything that is not as the truth has it: late, or on its way. Who waits for a person is neither. */
export function unfinished(world: World): {
  readonly overdue: readonly Overdue[];
  readonly pending: readonly string[];
} {
  const { ledger, elapsed } = world;
  const now = elapsed();
  const overdue: Overdue[] = [];
  const pending: string[] = [];
  const note = (what: string, step: NextStep): void => {
    if (step === undefined) return;
    pending.push(what);
    const due = Math.max(CALM, step.due);
    // Who waits is looked at again after a quarter of the time that it has waited: by a third of that when it was due.
    const patience = (due - Math.min(due, step.since ?? step.due)) / 3;
    if (now > due + patience + SLACK) overdue.push({ what: `${what} (${step.kind})`, due, now });
  };
  for (const cluster of ledger.truth.clusters()) {
    if (cluster.state.startsWith('TERMINATED')) {
      const isLeft = ledger.records.has(cluster.id);
      if (isLeft) note(`${cluster.id} has ended and has a record`, { kind: 'ended', due: cluster.endedAt ?? 0 });
    } else if (cluster.state === 'RUNNING' || cluster.state === 'WAITING') {
      const known = ledger.records.get(cluster.id)?.value;
      const { at, settings } = world.deployment();
      const isStale = known !== undefined && known.configHash !== settings.hash;
      if (isStale) note(`${cluster.id} by another configuration`, { kind: 'stale', due: at });
      for (const [what, step] of ofCluster(cluster, world)) note(what, step);
    } else pending.push(`${cluster.id} ${cluster.state}`);
  }
  return { overdue, pending };
}

function ofCluster(cluster: TrueCluster, world: World): readonly (readonly [string, NextStep])[] {
  const { truth } = world.ledger;
  const { settings } = world.deployment();
  const nodes = [...truth.nodes.values()].filter(({ clusterId }) => clusterId === cluster.id);
  return nodes.flatMap((node) =>
    settings.exporters.flatMap((exporter) => {
      const step = ofExporter(node, exporter, cluster, settings, world);
      return step === undefined ? [] : [[`${exporter.name} of ${node.id} in ${cluster.id}`, step] as const];
    }),
  );
}

function ofExporter(
  node: TrueNode,
  exporter: ExporterSettings,
  cluster: TrueCluster,
  settings: Settings,
  world: World,
): NextStep {
  const { ledger, elapsed } = world;
  const { name } = exporter;
  const group = ledger.targets.get(cluster.id)?.groups.find(({ labels }) => isOf(labels, node.id, name));
  if (node.goneAt !== undefined) return group && { kind: 'gone', due: node.goneAt };
  if (node.readyAt === undefined) return { kind: 'starting', due: elapsed() };
  const state = ledger.records.get(cluster.id)?.value.nodes[node.id]?.exporters[name] ?? {};
  const isHere = isWanted(name, node.role, cluster.tags, settings);
  const [labels, revision] = isHere ? [rightLabels(node.id, name, cluster, settings, world), exporter.revision] : [];
  if (isSame(labels, group?.labels) && isSettled(state, revision)) return askedAgain(state);
  const since = Math.max(node.readyAt, knownSince(cluster, world));
  return nextStep({ node: node.id, exporter, state, isWanted: isHere, since }, world);
}

/** Everything about the cluster was there to know from then on. */
const knownSince = ({ id, readyAt = 0 }: TrueCluster, { deployment, ledger }: World): number =>
  Math.max(readyAt, deployment().at, ledger.truth.lastRetagged(id));

type Labels = Readonly<Record<string, string>>;

const isOf = ({ instance, job }: Labels, id: InstanceId, name: string): boolean => instance === id && job === name;

/** A node that is to be asked again, before the history ends, is not at rest. */
function askedAgain({ installed }: ExporterState): NextStep {
  if (installed?.again === undefined && installed?.askBy === undefined) return undefined;
  const [heard, askBy] = [Date.parse(installed.at), Date.parse(installed.askBy ?? '')];
  const dates = [heard + (installed.again ?? Number.NaN) * SECOND, askBy].filter((date) => !Number.isNaN(date));
  const due = Math.min(...dates) - START.getTime();
  return due > LENGTH ? undefined : { kind: 'asks again', since: heard - START.getTime(), due };
}

const isSettled = ({ installed, work }: ExporterState, revision: string | undefined): boolean =>
  installed?.revision === revision && work === undefined;

function rightLabels(
  id: InstanceId,
  job: string,
  cluster: TrueCluster,
  settings: Settings,
  { ledger }: World,
): Labels | undefined {
  const now = { ...ledger.truth, settingsSince: () => [settings], tagsSince: () => [cluster.tags] };
  return expectedOf(cluster.id, now)(id, job)?.labels[0] ?? { never: 'installed' };
}

function isSame(a: Labels | undefined, b: Labels | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
