import { renderTargets, targetGroups } from '../../../shared/core/targets.ts';
import type { ClusterId, InstanceId } from '../../../shared/core/model.ts';
import type { ClusterRecord, ExporterState, NodeRecord, Work } from '../../../shared/core/record.ts';

const MINUTE = 60_000;
const EXPORTERS = { node: [9100], jmx: [17_102, 17_104], graphite: [9108] } as const;
const VERSIONS = { node: '1.12.1', jmx: '1.5.0', graphite: '0.17.0' } as const;

type Exporter = keyof typeof EXPORTERS;

export const instant = (now: Date, minutesAgo: number): string =>
  new Date(now.getTime() - minutesAgo * MINUTE).toISOString();

const installedAt = (at: string, exporter: Exporter): ExporterState => ({
  installed: {
    version: VERSIONS[exporter],
    revision: 'r1',
    endpoints: EXPORTERS[exporter].map((port) => ({ port, labels: {} })),
    at,
  },
});

/** Work that stands for so many minutes. */
export const unfinished = (
  now: Date,
  exporter: Exporter,
  minutes: number,
  over: Partial<Work> & Pick<Work, 'phase'>,
): ExporterState => ({
  work: {
    action: 'install',
    version: VERSIONS[exporter],
    revision: 'r1',
    attempt: 0,
    deferrals: 0,
    at: instant(now, minutes),
    ...over,
  },
});

/** A node, a MASTER where it is the first, with all exporters installed but for `others`. */
export function aNode(now: Date, index: number, others: Readonly<Record<string, ExporterState>> = {}): NodeRecord {
  const at = instant(now, 180);
  const address = `10.0.${Math.floor(index / 250)}.${(index % 250) + 1}`;
  const names = Object.keys(EXPORTERS) as readonly Exporter[];
  return {
    state: 'RUNNING',
    firstSeen: at,
    address,
    dnsName: `ip-${address.replaceAll('.', '-')}.ec2.internal`,
    role: index === 0 ? 'MASTER' : 'CORE',
    instanceType: 'm7g.2xlarge',
    market: index > 2 ? 'SPOT' : 'ON_DEMAND',
    zone: 'us-east-1a',
    arch: 'arm64',
    exporters: { ...Object.fromEntries(names.map((name) => [name, installedAt(at, name)])), ...others },
  };
}

export const idOf = (cluster: number, node: number): InstanceId =>
  `i-${(cluster * 100_000 + node).toString(16).padStart(17, '0')}`;

/** What a cluster of these nodes has in the bucket. */
export function objectsOf(
  clusterId: ClusterId,
  now: Date,
  nodes: Readonly<Record<InstanceId, NodeRecord>>,
  over: Partial<ClusterRecord> = {},
): Readonly<Record<string, string>> {
  const name = over.name ?? 'etl-nightly';
  const record: ClusterRecord = {
    schema: 2,
    writer: 'w',
    sequence: 1,
    configHash: 'c',
    tags: {},
    clusterId,
    name,
    selected: true,
    releaseLabel: 'emr-7.9.0',
    state: 'RUNNING',
    labels: { cluster_id: clusterId, cluster_name: name, region: 'us-east-1' },
    roles: {},
    observedAt: instant(now, 170),
    nodes,
    ...over,
  };
  return {
    [`clusters/${clusterId}.json`]: JSON.stringify(record),
    [`targets/${clusterId}.json`]: renderTargets(targetGroups(record)),
  };
}
