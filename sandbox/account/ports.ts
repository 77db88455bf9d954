import { ConfigError, UnavailableError, UnknownClusterError } from '../../shared/core/errors.ts';
import type {
  Cluster,
  ClusterId,
  Ec2Instance,
  EmrNode,
  InstanceId,
  Invocation,
  OrderId,
} from '../../shared/core/model.ts';
import type { Clusters, Commands, Fleet } from '../../shared/ports.ts';
import type { Compute } from './compute.ts';
import { disturbedCall } from './disturbed-call.ts';
import type { Instance } from './ec2.ts';
import type { EmrCluster, EmrGroup, EmrInstance } from './emr-model.ts';
import { CLUSTERS_PER_PAGE, INSTANCES_PER_PAGE } from './emr-wire.ts';
import { type Command, type CommandInvocation, isOpen } from './ssm-model.ts';
import { WireFault } from './wire.ts';

/** DescribeInstanceInformation, ListCommands, ListCommandInvocations: at most 50 a page. */
const SSM_PAGE = 50;
const DELIVERY_SECONDS = 300;

/** The account as reconcile sees it, without protocols: the same quotas, faults and errors as through the adapters. */
export function computePorts(account: Compute): {
  readonly clusters: Clusters;
  readonly fleet: Fleet;
  readonly commands: Commands;
} {
  return { clusters: clusters(account), fleet: fleet(account), commands: commands(account) };
}

/** One API call; what fails is an AppError. */
async function call<T>({ world, emr }: Compute, operation: string, run: () => T): Promise<T> {
  try {
    if (EMR.has(operation)) emr.admit(operation);
    const { answer, broken } = await disturbedCall(operation, world, run);
    if (broken === 'no') return answer;
  } catch (cause) {
    if (!(cause instanceof WireFault)) throw cause;
    const isForNow = cause.status >= 500 || /Throttl|RequestLimitExceeded|SlowDown/.test(cause.code);
    throw new (isForNow ? UnavailableError : ConfigError)(`${operation}: ${cause.code}: ${cause.message}`, { cause });
  }
  throw new UnavailableError(`${operation}: the connection broke before the answer was whole`);
}

const EMR = new Set(['ListClusters', 'DescribeCluster', 'ListInstances', 'ListInstanceGroups', 'ListInstanceFleets']);

/** As many calls as the list has pages. */
async function everyPage<T>(
  account: Compute,
  operation: string,
  size: number,
  list: () => readonly T[],
): Promise<readonly T[]> {
  const items = await call(account, operation, list);
  for (let read = size; read < items.length; read += size) await call(account, operation, () => undefined);
  return items;
}

function clusters(account: Compute): Clusters {
  const { emr, world } = account;
  const known = (id: ClusterId): EmrCluster => {
    const cluster = emr.cluster(id);
    if (cluster === undefined) throw new UnknownClusterError(`Cluster id '${id}' is not valid.`);
    return cluster;
  };
  return {
    active: () =>
      everyPage(account, 'ListClusters', CLUSTERS_PER_PAGE, () =>
        emr.clusters().flatMap(({ id, state }) => (state.startsWith('TERMINATED') ? [] : [id])),
      ),
    describe: (id) => call(account, 'DescribeCluster', () => toCluster(known(id), world.accountId, world.region)),
    async roles({ id, collection }) {
      const operation = collection === 'INSTANCE_FLEET' ? 'ListInstanceFleets' : 'ListInstanceGroups';
      const groups = await everyPage(account, operation, INSTANCES_PER_PAGE, () => emr.groups(known(id).id));
      return new Map(groups.map((group) => [group.id, group.role]));
    },
    nodes: (id) =>
      everyPage(account, 'ListInstances', INSTANCES_PER_PAGE, () => {
        const groups = new Map(emr.groups(known(id).id).map((group) => [group.id, group]));
        return emr.instances(id).flatMap((node) => toNode(node, groups));
      }),
  };
}

const toCluster = (
  { id, name, state, releaseLabel, collection, tags }: EmrCluster,
  accountId: string,
  region: string,
): Cluster => ({
  id,
  name,
  state,
  releaseLabel,
  collection,
  accountId,
  region,
  tags,
});

function toNode(
  { ec2, state, groupId }: EmrInstance,
  groups: ReadonlyMap<EmrGroup['id'], EmrGroup>,
): readonly EmrNode[] {
  const group = groups.get(groupId);
  if (ec2 === undefined || group === undefined || state === 'TERMINATED') return [];
  const { instanceType, market } = group;
  return [
    { id: ec2.id, state, address: ec2.address, dnsName: ec2.dnsName, instanceType, market, collectionId: groupId },
  ];
}

function fleet(account: Compute): Fleet {
  const one = (id: InstanceId): Ec2Instance => toInstance(id, account.ec2.instance(id));
  return {
    async instances(ids) {
      if (ids.length === 0) return new Map();
      return await call(account, 'DescribeInstances', () => new Map(ids.map((id) => [id, one(id)])));
    },
  };
}

function toInstance(id: InstanceId, instance: Instance | undefined): Ec2Instance {
  if (instance === undefined) return { id, state: 'notFound' };
  const { state, zone, arch, tags } = instance;
  const clusterId = tags['aws:elasticmapreduce:job-flow-id'];
  return { id, state, zone, arch, ...(clusterId !== undefined && { clusterId: clusterId as ClusterId }) };
}

function commands(account: Compute): Commands {
  const isOnline = (id: InstanceId): boolean => account.agents.agent(id)?.ping === 'Online';
  return {
    async online(nodes) {
      const online = await everyPage(account, 'DescribeInstanceInformation', SSM_PAGE, () => nodes.filter(isOnline));
      return new Set(online);
    },
    async send({ id, document, parameters, nodes }) {
      if (nodes.length === 0 || nodes.length > SSM_PAGE) throw new RangeError(`${nodes.length} nodes in ${id}`);
      const refused = nodes.filter((node) => !isOnline(node));
      const accepted = nodes.filter(isOnline);
      if (accepted.length === 0) return { refused };
      const limits = { timeoutSeconds: DELIVERY_SECONDS, maxErrors: '100%', maxConcurrency: '50' };
      const request = { document, parameters, nodes: accepted, comment: id, ...limits };
      const command = await call(account, 'SendCommand', () => account.commands.send(request));
      return { commandId: command.id, refused };
    },
    async find(orderId, since) {
      const from = Math.floor(since.getTime() / 1000) * 1000;
      const recent = await everyPage(account, 'ListCommands', SSM_PAGE, () =>
        account.commands.commands().filter(({ requestedAt }) => requestedAt.getTime() > from),
      );
      return recent.find(({ comment }) => comment === orderId)?.id;
    },
    results: (commandId) =>
      everyPage(account, 'ListCommandInvocations', SSM_PAGE, () => {
        const command = account.commands.command(commandId);
        return command === undefined ? [] : [...command.invocations.values()].map((one) => toInvocation(command, one));
      }),
  };
}

function toInvocation({ id, comment }: Command, { node, status, plugins }: CommandInvocation): Invocation {
  const code = plugins.at(-1)?.code ?? -1;
  return {
    node,
    commandId: id,
    orderId: comment.startsWith('order-') ? (comment as OrderId) : undefined,
    status,
    ...(code >= 0 && !isOpen(status) && { exitCode: code }),
    output: plugins.map(({ output }) => output).join('\n'),
  };
}
