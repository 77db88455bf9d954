import type { ClusterReport, Decision, Report } from '../../shared/backfill-report.ts';
import { counted, textTable } from '../text-table.ts';

const TITLES = ['CLUSTER', 'NODE', 'EXPORTER', 'DECISION', 'REASON'];

/** For people: what is decided, node by node; clusters with nothing to do are only counted. `options`: as they were given. */
export function renderReport(report: Report, isDryRun: boolean, options: readonly string[]): string {
  const rows = report.clusters.flatMap(toRows);
  return [
    ...(rows.length === 0 ? [] : [textTable(TITLES, rows), '']),
    summary(report),
    ...outcome(report, isDryRun, options),
  ].join('\n');
}

function toRows(cluster: ClusterReport): readonly (readonly string[])[] {
  if ('error' in cluster) return [[cluster.clusterId, '', '', 'error', cluster.error]];
  if (cluster.state.startsWith('TERMINATED') && cluster.decisions.length === 0) {
    return [[cluster.clusterId, '', '', 'nothing', `the cluster is ${cluster.state}`]];
  }
  const reset = cluster.reset.map(({ node, exporter, phase, reason }) => ({
    node,
    exporter,
    does: 'begin anew',
    why: reason === undefined ? phase : `${phase}: ${reason}`,
  }));
  const decided = cluster.decisions.map((decision) => ({
    node: decision.node ?? '',
    exporter: decision.exporter ?? '',
    ...inWords(decision),
  }));
  // Fifty nodes with one and the same answer are one row.
  const alike = Map.groupBy([...reset, ...decided], ({ exporter, does, why }) => [exporter, does, why].join('\n'));
  return [...alike.values()].map((all) => {
    const [{ node, exporter, does, why }] = all as [(typeof all)[number]];
    const others = all.length === 1 ? '' : ` + ${all.length - 1} more`;
    return [cluster.clusterId, `${node}${others}`, exporter, does, why];
  });
}

function inWords({ kind, version, reason, refused }: Decision): { readonly does: string; readonly why: string } {
  const does = version === undefined || kind === 'remove' ? kind : `${kind} ${version}`;
  if (refused === undefined) return { does, why: reason };
  return { does: `refused: ${does}`, why: `${reason}; ${because(refused)}` };
}

/** A reason that does not name its policy gets the name. */
const because = ({ policy, reason }: NonNullable<Decision['refused']>): string =>
  reason.startsWith(policy) ? reason : `${policy}: ${reason}`;

function summary({ clusters, counts }: Report): string {
  const looked = clusters.flatMap((cluster) => ('error' in cluster ? [] : [cluster]));
  const nodes = looked.reduce((sum, cluster) => sum + cluster.nodes, 0);
  const idle = looked.filter((cluster) => cluster.idle).length;
  const strangers = looked.filter(({ selected, state }) => !selected && !state.startsWith('TERMINATED')).length;
  const errors = clusters.length - looked.length;
  const decisions = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  return [
    `${counted(looked.length, 'cluster')} with ${counted(nodes, 'node')}`,
    ...(idle > 0 ? [`${idle} with nothing to do`] : []),
    ...(strangers > 0 ? [`${strangers} not watched`] : []),
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...decisions,
  ].join(', ');
}

export const inMinutes = ({ clusters, minutes }: NonNullable<Report['waiting']>): string =>
  `Waiting for our share of EMR's quotas: ${counted(clusters, 'cluster')}, about ${counted(minutes, 'minute')}. The sweep meets them by itself, and sooner.`;

function outcome({ rung, remaining, waiting, problem }: Report, isDryRun: boolean, options: readonly string[]) {
  const done = isDryRun
    ? 'Nothing was changed: without --dry-run the clusters are queued.'
    : `${counted(rung.length, 'cluster')} queued.`;
  const goOn = ['npm run backfill --', ...options, ...remaining].join(' ');
  const told = waiting === undefined ? [] : [inMinutes(waiting)];
  return [problem ?? done, ...told, ...(remaining.length === 0 ? [] : [`Not done; to go on: ${goOn}`])];
}
