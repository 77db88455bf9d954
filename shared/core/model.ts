/** The nouns of this project. No behaviour lives here. */

/** An EMR cluster id: `j-`, upper-case letters and digits; EMR promises no length. */
export type ClusterId = `j-${string}`;
/** An EC2 instance id, `i-` and 8 or 17 hexadecimal digits. */
export type InstanceId = `i-${string}`;
/** What SSM answers to SendCommand: a UUID. */
export type CommandId = `${string}-${string}-${string}-${string}-${string}`;
/** Our own id of one order; it travels as the command's `Comment` (at most 100 characters, SendCommand API). */
export type OrderId = `order-${string}`;
/** `node`, `jmx`, `graphite`: the folder's name under infra/exporters. */
export type ExporterName = string;

export type Role = 'MASTER' | 'CORE' | 'TASK';
export type Arch = 'amd64' | 'arm64';
export type Market = 'ON_DEMAND' | 'SPOT';

/** EMR's ClusterState enum, as DescribeCluster answers it. */
export type ClusterState =
  | 'STARTING'
  | 'BOOTSTRAPPING'
  | 'RUNNING'
  | 'WAITING'
  | 'TERMINATING'
  | 'TERMINATED'
  | 'TERMINATED_WITH_ERRORS';

/** EMR's InstanceState enum. There is no TERMINATING: only EC2 says that a node is shutting down. */
export type NodeState = 'AWAITING_FULFILLMENT' | 'PROVISIONING' | 'BOOTSTRAPPING' | 'RUNNING' | 'TERMINATED';

/** EC2's instance states; `notFound` when DescribeInstances answers InvalidInstanceID.NotFound. */
export type Ec2State = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped' | 'notFound';

/** What EMR says of one cluster (DescribeCluster). */
export interface Cluster {
  readonly id: ClusterId;
  readonly name: string;
  readonly state: ClusterState;
  readonly releaseLabel: string;
  readonly collection: 'INSTANCE_GROUP' | 'INSTANCE_FLEET';
  /** From the cluster's ARN. */
  readonly accountId: string;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What EMR says of one node (ListInstances). The role is that of its group or fleet. */
export interface EmrNode {
  readonly id: InstanceId;
  readonly state: NodeState;
  /** Absent until assigned. */
  readonly address?: string;
  readonly dnsName?: string;
  readonly instanceType: string;
  readonly market: Market;
  /** `ig-…` or `if-…`: immutable, and so is its role. */
  readonly collectionId: string;
}

/** What EC2 says of one instance (DescribeInstances). */
export interface Ec2Instance {
  readonly id: InstanceId;
  readonly state: Ec2State;
  readonly zone?: string;
  readonly arch?: Arch;
  /** From the system tag `aws:elasticmapreduce:job-flow-id`; absent when it is not an EMR node. */
  readonly clusterId?: ClusterId;
}

/** One port that Prometheus scrapes on a node; `labels` are the exporter's own (`daemon` of jmx). */
export interface Endpoint {
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
}

export type WorkAction = 'install' | 'remove';

/** SSM SendCommand, InstanceIds: at most 50 items. */
export const MAX_NODES_PER_ORDER = 50;

/** One decision to run a document for one exporter on at most 50 nodes. */
export interface Order {
  readonly id: OrderId;
  readonly clusterId: ClusterId;
  readonly exporter: ExporterName;
  readonly action: WorkAction;
  readonly document: string;
  /** SSM's shape: every value is a list. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly nodes: readonly InstanceId[];
}

/** What became of an order: each of its nodes is in exactly one command, or refused because SSM calls it invalid. */
export interface Delivery {
  readonly sent: readonly Sent[];
  readonly refused: readonly InstanceId[];
}

/** One command of an order. */
export interface Sent {
  readonly commandId: CommandId;
  readonly nodes: readonly InstanceId[];
}

/** SSM's StatusDetails of an invocation, spaces stripped ("Delivery Timed Out" in the API text). */
export type InvocationStatus =
  | 'Pending'
  | 'InProgress'
  | 'Delayed'
  | 'Success'
  | 'DeliveryTimedOut'
  | 'ExecutionTimedOut'
  | 'Failed'
  | 'Cancelled'
  | 'Cancelling'
  | 'Undeliverable'
  | 'Terminated'
  | 'InvalidPlatform'
  | 'AccessDenied';

/** The result so far of one order on one node (ListCommandInvocations with details). */
export interface Invocation {
  readonly node: InstanceId;
  readonly commandId: CommandId;
  /** The command's Comment: results are matched by it. Undefined when the command is not ours. */
  readonly orderId: OrderId | undefined;
  readonly status: InvocationStatus;
  /** Exit code of the script; undefined while it has not ended. */
  readonly exitCode?: number;
  /** stdout and stderr as SSM keeps them: at most 2,500 characters together. */
  readonly output: string;
}
