import { canonicalJson } from './canonical.ts';
import { endpointLabels } from './labels.ts';
import type { InstanceId } from './model.ts';
import type { ClusterRecord, NodeRecord } from './record.ts';

/** One entry of a file_sd file. Prometheus rejects a file with any other key (discovery/targetgroup). */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Every endpoint that was seen to answer on a node with an address: one group each, for each has its own labels. */
export const targetGroups = (record: ClusterRecord): readonly TargetGroup[] =>
  (Object.entries(record.nodes) as [InstanceId, NodeRecord][]).flatMap(([id, node]) =>
    Object.entries(node.exporters).flatMap(([exporter, { installed }]) =>
      (node.address === undefined ? [] : (installed?.endpoints ?? [])).map((endpoint) => ({
        targets: [`${node.address}:${endpoint.port}`],
        labels: { ...endpoint.labels, ...record.labels, ...endpointLabels(id, node, exporter) },
      })),
    ),
  );

/** The same groups in any order are the same bytes: Prometheus reads a file again when one of them changes. */
export function renderTargets(groups: readonly TargetGroup[]): string {
  const lines = groups.map(({ targets, labels }) => canonicalJson({ targets: targets.toSorted(), labels })).toSorted();
  return lines.length === 0 ? '[]\n' : `[\n${lines.map((line) => `  ${line}`).join(',\n')}\n]\n`;
}
