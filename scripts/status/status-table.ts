import { span } from '../../shared/core/span.ts';
import type { ClusterStatus, ExporterStatus, Status } from './status-view.ts';
import { counted, textTable } from '../text-table.ts';

/** All clusters in a line each, and below what is not done: why, since when, and what happens next. */
export function renderOverview(status: Status): string {
  const { clusters, at } = status;
  const rows = clusters.map((cluster) => [
    cluster.clusterId,
    cluster.name,
    cluster.selected ? cluster.state : `${cluster.state}, not watched`,
    String(cluster.nodes.length),
    phasesOf([cluster]),
    ago(cluster.seenAt, at),
  ]);
  const nodes = clusters.reduce((sum, cluster) => sum + cluster.nodes.length, 0);
  const table = textTable(['CLUSTER', 'NAME', 'STATE', 'NODES', 'EXPORTERS', 'CHANGED'], rows);
  return [
    `${counted(clusters.length, 'cluster')}, ${counted(nodes, 'node')}: ${phasesOf(clusters) || 'nothing installed'}`,
    ...(rows.length === 0 ? [] : ['', table]),
    ...unfinished(status),
    ...rest(status),
  ].join('\n');
}

/** One cluster, every node and exporter of it. */
export function renderCluster(status: Status): string {
  const heads = status.clusters.map((cluster) => {
    const watched = cluster.selected ? '' : ', not watched';
    const held = cluster.held === undefined ? '' : `, held: ${cluster.held}`;
    return `${cluster.clusterId} ${cluster.name}: ${cluster.state}${watched}, ${counted(cluster.nodes.length, 'node')}, changed ${ago(cluster.seenAt, status.at)}${held}`;
  });
  const rows = status.clusters.flatMap(({ nodes }) =>
    nodes.flatMap(({ node, role, state, leaving, held, exporters }) => {
      const own = [node, role, leaving ? `${state}, leaving` : state];
      const shown = exporters.map((exporter) => [...own, ...inWords(exporter, status.at)]);
      if (held !== undefined) shown.unshift([...own, '', 'held', '', '', held, '']);
      return shown.length === 0 ? [own] : shown;
    }),
  );
  const titles = ['NODE', 'ROLE', 'STATE', 'EXPORTER', 'PHASE', 'VERSION', 'SINCE', 'REASON', 'NEXT'];
  return [...heads, ...(rows.length === 0 ? [] : ['', textTable(titles, rows)]), ...rest(status)].join('\n');
}

const inWords = ({ exporter, phase, version = '', since, reason = '', next = '' }: ExporterStatus, at: string) => [
  exporter,
  phase,
  version,
  since === undefined ? '' : ago(since, at),
  reason,
  next,
];

/** `node: 19 installed, 1 gaveUp`. */
function phasesOf(clusters: readonly ClusterStatus[]): string {
  const all = clusters.flatMap(({ nodes }) => nodes.flatMap(({ exporters }) => exporters));
  return [...Map.groupBy(all, ({ exporter }) => exporter)]
    .map(([exporter, states]) => {
      const phases = [...Map.groupBy(states, ({ phase }) => phase)].sort(([a], [b]) => (a < b ? -1 : 1));
      return `${exporter}: ${phases.map(([phase, some]) => `${some.length} ${phase}`).join(', ')}`;
    })
    .join('; ');
}

/** Nodes of a cluster with the same story are one row. */
function unfinished({ clusters, at }: Status): readonly string[] {
  const rows = clusters.flatMap(({ clusterId, nodes, held }) => {
    const ofNodes = nodes.flatMap((node) => [
      ...(node.held === undefined ? [] : [{ node: node.node, cells: ['', 'held', '', node.held, ''] }]),
      ...node.exporters
        .filter(({ next }) => next !== undefined)
        .map((status) => {
          const [exporter = '', phase = '', , since = '', reason = '', next = ''] = inWords(status, at);
          return { node: node.node, cells: [exporter, phase, since, reason, next] };
        }),
    ]);
    const alike = [...Map.groupBy(ofNodes, ({ cells }) => cells.join('\n')).values()].map((all) => {
      const [{ node, cells }] = all as [(typeof all)[number]];
      return [clusterId, all.length === 1 ? node : `${node} + ${all.length - 1} more`, ...cells];
    });
    return held === undefined ? alike : [[clusterId, '', '', 'held', '', held, ''], ...alike];
  });
  if (rows.length === 0) return [];
  return ['', 'Not done:', textTable(['CLUSTER', 'NODE', 'EXPORTER', 'PHASE', 'SINCE', 'REASON', 'NEXT'], rows)];
}

const STAGES = {
  none: 'every node has it',
  canary: 'one node of the fleet tries it',
  clusters: 'one node of each cluster tries it',
  rest: 'the rest follows',
  stopped: 'stopped: too many tries failed',
} as const;

function rest({ rollouts, unreadable, otherwiseConfigured, retiring }: Status): readonly string[] {
  const under = rollouts.filter(({ stage }) => stage !== 'none');
  return [
    ...(retiring === 0
      ? []
      : [
          `\nnpm run remove was begun: in ${counted(retiring, 'cluster')} everything is taken off and nothing installed. npm run deploy takes it back.`,
        ]),
    ...under.map(
      ({ exporter, version, stage, done, total, failed }) =>
        `\nRollout of ${exporter} ${version}: ${STAGES[stage]}; ${done} of ${counted(total, 'node')} have it, ${failed} failed.`,
    ),
    ...unreadable.map(
      ({ clusterId, error }) => `\nThe record of ${clusterId} cannot be read, and nothing is done for it: ${error}`,
    ),
    ...(otherwiseConfigured === 0
      ? []
      : [
          `\n${counted(otherwiseConfigured, 'record')} made under another configuration than this checkout's: what happens next may be said wrongly, where monitoring.yml or the exporters here are not those that are deployed.`,
        ]),
  ];
}

const ago = (instant: string, at: string): string => `${span(Date.parse(at) - Date.parse(instant))} ago`;
