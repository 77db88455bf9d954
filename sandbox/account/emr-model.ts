import type { ClusterId, ClusterState, InstanceId, Market, NodeState, Role } from '../../shared/core/model.ts';

export interface GroupRequest {
  readonly role: Role;
  readonly instanceType: string;
  /** Of a fleet: types that EC2 gives in turn with the first one. */
  readonly otherTypes?: readonly string[];
  readonly market: Market;
  readonly count: number;
}

export interface LaunchSpec {
  readonly name: string;
  readonly releaseLabel?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly collection?: 'INSTANCE_GROUP' | 'INSTANCE_FLEET';
  /** One MASTER group or fleet of 1 or 3 nodes, and any others. A fleet's count is its capacity; each node weighs one. */
  readonly groups: readonly GroupRequest[];
  /** Terminates after its steps instead of waiting for more. */
  readonly transient?: boolean;
  /** A bootstrap action fails: the cluster ends without ever having been RUNNING. */
  readonly bootstrapFails?: boolean;
}

/** Durations in milliseconds between the states. */
export interface EmrTimings {
  /** AWAITING_FULFILLMENT → PROVISIONING: EC2 gives the instance. */
  readonly fulfil: number;
  /** PROVISIONING → BOOTSTRAPPING. */
  readonly provision: number;
  /** BOOTSTRAPPING → RUNNING. */
  readonly bootstrap: number;
  /** Cluster RUNNING → WAITING. */
  readonly steps: number;
  /** YARN lets a node go before it is terminated (docs: emr/latest/ManagementGuide/emr-scaledown-behavior). */
  readonly decommission: number;
}

/** docs: emr/latest/APIReference/API_ClusterStateChangeReason; the user's and the steps' end are no errors. */
export type EndReason =
  | 'USER_REQUEST'
  | 'ALL_STEPS_COMPLETED'
  | 'STEP_FAILURE'
  | 'INTERNAL_ERROR'
  | 'VALIDATION_ERROR'
  | 'INSTANCE_FAILURE'
  | 'BOOTSTRAP_FAILURE';

export interface EmrCluster {
  readonly id: ClusterId;
  readonly name: string;
  readonly releaseLabel: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly collection: 'INSTANCE_GROUP' | 'INSTANCE_FLEET';
  readonly transient: boolean;
  readonly bootstrapFails: boolean;
  readonly state: ClusterState;
  readonly reason?: EndReason;
  readonly createdAt: Date;
  readonly readyAt?: Date;
  readonly endedAt?: Date;
}

/** An instance group of one instance type, or an instance fleet. */
export interface EmrGroup {
  readonly id: `ig-${string}` | `if-${string}`;
  readonly clusterId: ClusterId;
  readonly role: Role;
  readonly instanceType: string;
  readonly otherTypes: readonly string[];
  readonly market: Market;
  readonly requested: number;
  readonly state: 'PROVISIONING' | 'RUNNING' | 'RESIZING' | 'RECONFIGURING' | 'TERMINATED';
  readonly createdAt: Date;
  readonly changedAt: Date;
}

export interface EmrInstance {
  readonly id: `ci-${string}`;
  readonly clusterId: ClusterId;
  readonly groupId: EmrGroup['id'];
  readonly instanceType: string;
  readonly state: NodeState;
  /** Absent until EC2 gave it. */
  readonly ec2?: { readonly id: InstanceId; readonly address: string; readonly dnsName: string };
  readonly createdAt: Date;
  readonly readyAt?: Date;
  readonly endedAt?: Date;
}
