import type { InstanceId } from '../../shared/core/model.ts';
import type { ExporterState } from '../../shared/core/record.ts';
import type { ExporterSettings, Settings } from '../../shared/core/settings.ts';
import { type NextStep, nextStep, type Situation } from './next-step.ts';
import { expectedOf } from './target-truth.ts';
import { CALM, MINUTE, SECOND } from './time.ts';
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
): NextStep | undefined {
  const { ledger, elapsed } = world;
  const { name } = exporter;
  const group = ledger.targets
    .get(cluster.id)
    ?.groups.find(({ labels }) => labels['instance'] === node.id && labels['job'] === name);
  if (node.goneAt !== undefined) return group && { kind: 'gone', due: node.goneAt };
  if (node.readyAt === undefined) return { kind: 'starting', due: elapsed() };
  const record = ledger.records.get(cluster.id)?.value;
  const known = record?.nodes[node.id];
  const state: ExporterState = known?.exporters[name] ?? {};
  const isHere = isWanted(name, node.role, cluster.tags, settings);
  const isRight = isHere
    ? state.installed?.revision === exporter.revision && state.work === undefined && isListed(node.id, name)
    : group === undefined && state.installed === undefined && (state.work === undefined || !isAlive(state));
  if (isRight) return undefined;
  const since = Math.max(
    node.readyAt,
    cluster.readyAt ?? 0,
    world.deployment().at,
    ledger.truth.lastRetagged(cluster.id),
  );
  const situation: Situation = { node: node.id, exporter, state, isWanted: isHere, since };
  return nextStep(situation, world);

  function isListed(id: InstanceId, job: string): boolean {
    const expected = expectedOf(cluster.id, {
      ...ledger.truth,
      settingsSince: () => [settings],
      tagsSince: () => [cluster.tags],
    })(id, job);
    const right = expected?.labels[0];
    return (
      right !== undefined &&
      group !== undefined &&
      JSON.stringify(sorted(right)) === JSON.stringify(sorted(group.labels))
    );
  }
}

/** Work that somebody has to finish, whether it is still wanted or not. */
const isAlive = ({ work }: ExporterState): boolean => work !== undefined;

const sorted = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
