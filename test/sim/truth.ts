import type { Instance } from '../../sandbox/account/ec2.ts';
import type { Compute } from '../../sandbox/account/compute.ts';
import type { ClusterId, InstanceId, Role } from '../../shared/core/model.ts';
import { isSelected } from '../../shared/core/selection.ts';
import type { Settings } from '../../shared/core/settings.ts';
import type { Deployment } from './deployment.ts';
import type { Hosts } from './hosts.ts';
import { LOOK_AGE, START } from './time.ts';

/** What is so in the account, whatever anybody was told; times are milliseconds of the history. */
export interface Truth {
  readonly nodes: ReadonlyMap<InstanceId, TrueNode>;
  readonly cluster: (id: ClusterId) => TrueCluster | undefined;
  readonly clusters: () => readonly TrueCluster[];
  /** The settings that were in force at some time from `since` on. */
  readonly settingsSince: (since: number) => readonly Settings[];
  /** The tags that a cluster had at some time from `since` on. */
  readonly tagsSince: (id: ClusterId, since: number) => readonly Tags[];
  /** Somebody changed a cluster's tags just now. */
  readonly retagged: (id: ClusterId, before: Tags) => void;
  /** EMR described the cluster to one of our functions just now. */
  readonly told: (id: ClusterId) => void;
  /** Since when what somebody does about this cluster may have been so: 90 s ago, or when EMR last described it. */
  readonly since: (id: ClusterId) => number;
  readonly lastRetagged: (id: ClusterId) => number;
  readonly hosts: Hosts;
}

export interface TrueNode {
  readonly id: InstanceId;
  readonly clusterId: ClusterId;
  readonly role: Role;
  readonly instance: Instance;
  /** EMR said RUNNING for the first time. */
  readonly readyAt: number | undefined;
  /** EC2 began to take it away. */
  readonly goneAt: number | undefined;
}

export interface TrueCluster {
  readonly id: ClusterId;
  readonly name: string;
  readonly state: string;
  readonly tags: Tags;
  readonly readyAt: number | undefined;
  readonly endedAt: number | undefined;
}

type Tags = Readonly<Record<string, string>>;

const CLUSTER = 'aws:elasticmapreduce:job-flow-id';
const ROLE = 'aws:elasticmapreduce:instance-group-role';
const sinceStart = (date: Date | undefined): number | undefined => date && date.getTime() - START.getTime();

export function truthOf(account: Compute, deployments: readonly Deployment[], hosts: Hosts): Truth {
  const nodes = new Map<InstanceId, TrueNode>();
  const oldTags = new Map<ClusterId, { readonly tags: Tags; readonly until: number }[]>();
  const toldAt = new Map<ClusterId, number>();
  const now = (): number => account.clock.now().getTime() - START.getTime();
  account.ec2.watch((instance) => {
    const { id, tags, state } = instance;
    const before = nodes.get(id);
    const isGoing = state === 'shutting-down' || state === 'terminated';
    const goneAt = before?.goneAt ?? (isGoing ? now() : undefined);
    const clusterId = tags[CLUSTER] as ClusterId;
    nodes.set(id, {
      id,
      clusterId,
      role: tags[ROLE] as Role,
      instance,
      goneAt,
      get readyAt() {
        const found = account.emr.instances(clusterId).find(({ ec2 }) => ec2?.id === id);
        return sinceStart(found?.readyAt);
      },
    });
  });
  const toCluster = (cluster: ReturnType<typeof account.emr.clusters>[number]): TrueCluster => ({
    ...cluster,
    readyAt: sinceStart(cluster.readyAt),
    endedAt: sinceStart(cluster.endedAt),
  });
  return {
    nodes,
    hosts,
    cluster(id) {
      const found = account.emr.cluster(id);
      return found && toCluster(found);
    },
    clusters: () => account.emr.clusters().map(toCluster),
    tagsSince: (id, since) => [
      ...(oldTags.get(id) ?? []).flatMap(({ tags, until }) => (until >= since ? [tags] : [])),
      account.emr.cluster(id)?.tags ?? {},
    ],
    retagged: (id, tags) => void oldTags.set(id, [...(oldTags.get(id) ?? []), { tags, until: now() }]),
    told: (id) => void toldAt.set(id, now()),
    since: (id) => Math.min(now() - LOOK_AGE, toldAt.get(id) ?? now()),
    lastRetagged: (id) => oldTags.get(id)?.at(-1)?.until ?? 0,
    settingsSince: (since) =>
      deployments.flatMap(({ settings }, index) => {
        const next = deployments[index + 1];
        return next === undefined || next.at >= since ? [settings] : [];
      }),
  };
}

/** Did anybody want this exporter there (or want it gone), as far as one who has just looked could know? */
export const wasWanted = (exporter: string, node: TrueNode, is: boolean, truth: Truth): boolean => {
  const since = truth.since(node.clusterId);
  const tags = truth.tagsSince(node.clusterId, since);
  return truth
    .settingsSince(since)
    .some((settings) => tags.some((one) => isWanted(exporter, node.role, one, settings) === is));
};

/** Do these settings want this exporter on a node of this role in a cluster with these tags? */
export const isWanted = (exporter: string, role: Role, tags: Tags, settings: Settings): boolean =>
  isSelected(tags, settings.selection) &&
  settings.exporters.some(({ name, roles }) => name === exporter && roles.includes(role));
