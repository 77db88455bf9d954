import type { Knowledge } from '../../shared/core/action.ts';
import type { ClusterId, CommandId, InstanceId, OrderId } from '../../shared/core/model.ts';
import type { ClusterRecord, NodeRecord, Work } from '../../shared/core/record.ts';
import type { ExporterSettings, Settings } from '../../shared/core/settings.ts';

export const NOW = new Date('2026-11-22T12:00:00.000Z');
export const ago = (milliseconds: number): string => new Date(NOW.getTime() - milliseconds).toISOString();
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

export const CLUSTER: ClusterId = 'j-2EXAMPLECLUST';
export const NODE: InstanceId = 'i-0123456789abcdef0';
export const ORDER: OrderId = 'order-1';
export const COMMAND: CommandId = 'e8d3c0e4-71f7-4491-898f-c9b35bee5f3b';

export const nodeExporter: ExporterSettings = {
  name: 'node',
  version: '1.12.1',
  revision: 'r2',
  roles: ['MASTER', 'CORE', 'TASK'],
  parameters: { Port: '9100', Adopt: 'false' },
  artifacts: { UrlAmd64: 'artifacts/node/amd64', UrlArm64: 'artifacts/node/arm64' },
};

export const settings: Settings = {
  hash: 'config-1',
  selection: { tags: {} },
  labels: { service: 'Service', project: 'Project' },
  exporters: [nodeExporter],
  policies: { dryRun: false, pauseInstalls: false, limitDeletes: { share: 1 } },
  rollout: { atOnce: 0.1, failures: 0.1 },
};

/** The same with node_exporter switched off: it stays listed, and is wanted on no role. */
export const switchedOff: Settings = { ...settings, exporters: [{ ...nodeExporter, roles: [] }] };

/** Nobody was asked anything, and no rollout is under way. */
export const NOTHING_KNOWN: Knowledge = {
  now: NOW,
  rung: new Set(),
  asked: new Set(),
  absent: new Map(),
  online: new Map(),
  missing: new Set(),
  stopped: new Set(),
  upgrades: new Map(),
};

export const aNode = (changes: Partial<NodeRecord> = {}): NodeRecord => ({
  state: 'RUNNING',
  firstSeen: ago(60 * MINUTE),
  address: '10.0.0.1',
  dnsName: 'ip-10-0-0-1.ec2.internal',
  role: 'CORE',
  instanceType: 'm5.xlarge',
  market: 'ON_DEMAND',
  exporters: {},
  ...changes,
});

export const someWork = (changes: Partial<Work> = {}): Work => ({
  action: 'install',
  phase: 'ordered',
  version: '1.12.1',
  revision: 'r2',
  attempt: 0,
  deferrals: 0,
  at: ago(0),
  ...changes,
});

export const installed = {
  version: '1.12.1',
  revision: 'r2',
  endpoints: [{ port: 9100, labels: {} }],
  at: ago(30 * MINUTE),
};

export const aRecord = (changes: Partial<ClusterRecord> = {}): ClusterRecord => ({
  schema: 2,
  writer: 'w',
  sequence: 1,
  configHash: 'config-1',
  tags: { Project: 'Etl' },
  clusterId: CLUSTER,
  name: 'etl',
  selected: true,
  releaseLabel: 'emr-7.5.0',
  state: 'RUNNING',
  labels: { cluster_id: CLUSTER },
  roles: { 'ig-1': 'CORE' },
  observedAt: ago(0),
  nodes: { [NODE]: aNode() },
  ...changes,
});

/** A record of one node with this work on its node_exporter. */
export const working = (work: Partial<Work>): ClusterRecord =>
  aRecord({ nodes: { [NODE]: aNode({ exporters: { node: { work: someWork(work) } } }) } });
