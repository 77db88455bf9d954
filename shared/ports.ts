import type { Tried } from './core/back-off.ts';
import type { Policy } from './core/policy.ts';
import type { ClusterRecord } from './core/record.ts';
import type { Settings } from './core/settings.ts';
import type {
  Cluster,
  ClusterId,
  ClusterState,
  CommandId,
  Delivery,
  Ec2Instance,
  EmrNode,
  ExporterName,
  InstanceId,
  Invocation,
  Order,
  OrderId,
  Role,
  WorkAction,
} from './core/model.ts';

/**
 * What reconcile needs of the world. Every list is complete or the call throws (docs/adr/0004); errors are AppErrors,
 * whose `retryable` says whether the same call would succeed later.
 */

/** EMR. */
export interface Clusters {
  /**
   * The clusters in these states (ListClusters). One that changes its state meanwhile may be missing (EMR API): a hint
   * whom to look at, never evidence.
   */
  list(states: readonly ClusterState[]): Promise<ReadonlyMap<ClusterId, ClusterState>>;
  /** Throws UnknownClusterError for an id that EMR does not know. */
  describe(id: ClusterId): Promise<Cluster>;
  /** The role of every group or fleet of the cluster, ended ones included. */
  roles(cluster: Cluster): Promise<ReadonlyMap<string, Role>>;
  /** All nodes that are not TERMINATED. */
  nodes(id: ClusterId): Promise<readonly EmrNode[]>;
}

/** EC2. */
export interface Fleet {
  /** One entry for every id asked; `state: 'notFound'` for those that EC2 does not know. */
  instances(ids: readonly InstanceId[]): Promise<ReadonlyMap<InstanceId, Ec2Instance>>;
  /**
   * Every instance that carries EMR's system tag, of one cluster or of all, with its cluster; ended ones keep it for a
   * while (DescribeTags).
   */
  members(id?: ClusterId): Promise<ReadonlyMap<InstanceId, ClusterId>>;
  /** Those of them that are shutting down or terminated (DescribeInstances, filtered by tag and state). */
  leavers(): Promise<ReadonlyMap<InstanceId, Ec2Instance>>;
  /** What these instances' tags of these keys say; at most 200 ids (DescribeTags, filter values). */
  tags(ids: readonly InstanceId[], keys: readonly string[]): Promise<ReadonlyMap<InstanceId, Tags>>;
}

export type Tags = Readonly<Record<string, string>>;

/** SSM Run Command. */
export interface Commands {
  /** Which of these nodes have an SSM agent that is online now. */
  online(nodes: readonly InstanceId[]): Promise<ReadonlySet<InstanceId>>;
  /**
   * Runs an order on its nodes (1 to 50), by one command, or by several when SSM does not say which node it calls
   * invalid. Throwing says nothing about what was sent: `find` does.
   */
  send(order: Order): Promise<Delivery>;
  /** All commands that carry this order id as their Comment, sent after `since`. */
  find(orderId: OrderId, since: Date): Promise<readonly CommandId[]>;
  /** The invocations of one command on all its nodes; none once SSM has forgotten it (after 30 days). */
  results(commandId: CommandId): Promise<readonly Invocation[]>;
}

/** The queue in front of on-event. */
export interface Doorbells {
  /** `delaySeconds`: 0 to 900 (SQS SendMessage). */
  ring(ids: readonly ClusterId[], delaySeconds?: number): Promise<void>;
}

export interface Stored<T> {
  readonly value: T;
  readonly etag: string;
}

/** `clusters/<clusterId>.json` and `ended/<clusterId>.json`. Writers that lost a race get a ConflictError. */
export interface Records {
  /** Throws UnreadableError for an object of a newer schema or a broken one; the object is left alone. */
  read(id: ClusterId): Promise<Stored<ClusterRecord> | undefined>;
  /** `etag`: of the version that was read; undefined: no record may exist. Answers the new ETag. */
  save(record: ClusterRecord, etag: string | undefined): Promise<string>;
  delete(id: ClusterId, etag: string): Promise<void>;
  isEnded(id: ClusterId): Promise<boolean>;
  /** Writing it again is harmless. */
  markEnded(record: ClusterRecord): Promise<void>;
  /** Ids of all clusters that have a record, with its ETag. */
  list(): Promise<ReadonlyMap<ClusterId, string>>;
}

/** A target file as it stands in S3; `sequence` is that of the record it was rendered from (object metadata). */
interface TargetFile {
  readonly body: string;
  readonly sequence: number;
}

/** `targets/<clusterId>.json`. Writers that lost a race get a ConflictError. */
export interface TargetFiles {
  read(id: ClusterId): Promise<Stored<TargetFile> | undefined>;
  put(id: ClusterId, file: TargetFile, etag: string | undefined): Promise<string>;
  delete(id: ClusterId, etag: string): Promise<void>;
  list(): Promise<ReadonlyMap<ClusterId, string>>;
}

/** `artifacts/<name>/<version>/<file>`. */
export interface Artifacts {
  /** Presigned GET URLs by document parameter name (`UrlAmd64` …); undefined when a file is not in the bucket. */
  urls(exporter: ExporterName): Promise<Readonly<Record<string, string>> | undefined>;
}

/** `message` is constant; what varies goes into `fields`. */
export interface Log {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/**
 * CloudWatch metrics (EMF). Each combination of dimensions is a paid metric: a few exporters, phases and operations may
 * be, a cluster or an instance never; those are properties (`about`).
 */
export interface Meter {
  count(metric: string, value: number, dimensions?: Dimensions, about?: Subject): void;
  gauge(metric: string, value: number, unit: 'Count' | 'Seconds', dimensions?: Dimensions): void;
}

type Subject = { readonly clusterId?: ClusterId; readonly node?: InstanceId };
export type Dimensions = Readonly<Record<string, string>>;

/** What a container remembers from one run to the next; losing it costs calls, never correctness. */
interface Memory {
  /** Records as they were last read, by ETag; an Error where one could not be read. */
  readonly records: Map<ClusterId, Stored<ClusterRecord | Error>>;
  /** Why the sweep wants to look at a cluster, by cluster and kind of look: since when, and when it last did. */
  readonly looks: Map<string, Tried>;
  /** Clusters whose doorbell this container has put off, and until when (milliseconds since 1970). */
  readonly waiting: Map<ClusterId, number>;
}

/** EMR's read operations, each with a quota of its own (EMR endpoints and quotas). */
export type EmrOperation =
  | 'ListClusters'
  | 'DescribeCluster'
  | 'ListInstances'
  | 'ListInstanceGroups'
  | 'ListInstanceFleets';

/** This container's share of EMR's quotas. */
export interface Budget {
  /** Milliseconds until each of these operations may be called once more; 0: now. */
  wait(operations: readonly EmrOperation[]): number;
  /** Takes note of one call, a page or a repeated one too: what is overdrawn is missing afterwards. */
  spend(operation: EmrOperation): void;
  /** Milliseconds until this cluster may be looked at once more: three times in a row, one more each 20 s. */
  waitForLook(id: ClusterId): number;
  spendLook(id: ClusterId): void;
  /** One look after the other, so that each finds what the one before has left; answers, or throws, what `look` does. */
  alone<T>(look: () => Promise<T>): Promise<T>;
}

/** Everything a run needs; built once per container by shared/app.ts, and by tests from fakes. */
export interface App {
  readonly clusters: Clusters;
  readonly fleet: Fleet;
  readonly commands: Commands;
  readonly doorbells: Doorbells;
  readonly records: Records;
  readonly targets: TargetFiles;
  readonly artifacts: Artifacts;
  readonly budget: Budget;
  readonly memory: Memory;
  readonly settings: Settings;
  readonly policy: Policy;
  readonly documents: Documents;
  readonly log: Log;
  readonly meter: Meter;
  /** Differs between any two containers: it marks what each has written. */
  readonly writer: string;
  now(): Date;
  newOrderId(): OrderId;
  /** 0 to 1. */
  random(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** The deployed name of each exporter's documents: content-named, so code and document always fit together. */
export type Documents = Readonly<Record<ExporterName, Readonly<Record<WorkAction, string>>>>;
