import type { EmrCluster, EmrGroup } from './emr-model.ts';
import type { Surroundings } from './surroundings.ts';

const ERRORS: ReadonlySet<string> = new Set([
  'INTERNAL_ERROR',
  'VALIDATION_ERROR',
  'INSTANCE_FAILURE',
  'BOOTSTRAP_FAILURE',
  'STEP_FAILURE',
]);

/** Whether a cluster that ends for this reason ends with errors. */
export const isError = (reason: string | undefined): boolean => reason !== undefined && ERRORS.has(reason);

const minute = (date: Date): string => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Undefined for BOOTSTRAPPING and TERMINATING, which are no events (docs: emr/latest/ManagementGuide/emr-manage-cloudwatch-events). */
function clusterMessage({ id, name, state, createdAt, reason }: EmrCluster, now: Date): string | undefined {
  switch (state) {
    case 'STARTING':
      return `Amazon EMR cluster ${id} (${name}) was requested at ${minute(createdAt)} and  is being created.`;
    case 'RUNNING':
      return `Amazon EMR cluster ${id} (${name}) began running steps at ${minute(now)}.`;
    case 'WAITING':
      return `Amazon EMR cluster ${id} (${name}) was created at ${minute(createdAt)} and is ready for use.`;
    case 'TERMINATED':
      return `Amazon EMR Cluster ${id} (${name}) has terminated at ${minute(now)} with a reason of ${reason}.`;
    case 'TERMINATED_WITH_ERRORS':
      return `Amazon EMR Cluster ${id} (${name}) has terminated with errors at ${minute(now)} with a reason of ${reason}.`;
    case 'BOOTSTRAPPING':
    case 'TERMINATING':
      return undefined;
    default:
      return state satisfies never;
  }
}

export function emitClusterState({ clock, emit }: Surroundings, cluster: EmrCluster): void {
  const message = clusterMessage(cluster, clock.now());
  if (message === undefined) return;
  const code = cluster.endedAt === undefined ? undefined : cluster.reason;
  emit('aws.emr', 'EMR Cluster State Change', [], {
    severity: isError(code) ? 'CRITICAL' : 'INFO',
    stateChangeReason: JSON.stringify(code === undefined ? { code: '' } : { code, message: reasonMessage(code) }),
    name: cluster.name,
    clusterId: cluster.id,
    state: cluster.state,
    message,
  });
}

export const reasonMessage = (code: string): string =>
  code === 'USER_REQUEST' ? 'Terminated by user request' : code.toLowerCase().replaceAll('_', ' ');

/** A resize or reconfiguration of a group or fleet began, or one or the provisioning of a fleet is complete. */
export function emitGroupState(world: Surroundings, cluster: EmrCluster, group: EmrGroup, running: number): void {
  if (cluster.collection === 'INSTANCE_FLEET') return emitFleetState(world, cluster, group, running);
  world.emit('aws.emr', 'EMR Instance Group State Change', [], {
    market: group.market,
    severity: 'INFO',
    // Strings in AWS's sample, integers in its schema registry: the sample is what has been seen.
    requestedInstanceCount: String(group.requested),
    instanceType: group.instanceType,
    instanceGroupType: group.role,
    instanceGroupId: group.id,
    clusterId: cluster.id,
    runningInstanceCount: String(running),
    state: group.state,
    message: groupMessage(world, cluster, group, running),
  });
}

function groupMessage(world: Surroundings, cluster: EmrCluster, group: EmrGroup, running: number): string {
  const subject = `for instance group ${group.id} in Amazon EMR cluster ${cluster.id} (${cluster.name})`;
  const now = minute(world.clock.now());
  const took = `started at ${minute(group.changedAt)} and took ${minutesSince(group.changedAt, world)} minutes to complete`;
  switch (group.state) {
    case 'RESIZING':
      return `A resize ${subject} started at ${now}. It is resizing from an instance count of ${running} to ${group.requested}.`;
    case 'RECONFIGURING':
      return `A reconfiguration ${subject} was started at ${now}.`;
    default:
      return `The operation ${subject} is complete. It now has an instance count of ${running}. It ${took}.`;
  }
}

function emitFleetState(world: Surroundings, cluster: EmrCluster, group: EmrGroup, running: number): void {
  const isSpot = group.market === 'SPOT';
  world.emit('aws.emr', 'EMR Instance Fleet State Change', [], {
    severity: 'INFO',
    provisionedSpotCapacity: isSpot ? running : 0,
    targetSpotCapacity: isSpot ? group.requested : 0,
    clusterId: cluster.id,
    targetOnDemandCapacity: isSpot ? 0 : group.requested,
    // Events say WAITING of a fleet that is ready; the API's enum has no such state.
    state: group.state === 'RUNNING' ? 'WAITING' : group.state,
    instanceFleetId: group.id,
    provisionedOnDemandCapacity: isSpot ? 0 : running,
    message: `Instance fleet ${group.id} in Amazon EMR cluster ${cluster.id} (${cluster.name}) is ${group.state}.`,
    instanceFleetType: group.role,
  });
}

const minutesSince = (date: Date, { clock }: Surroundings): number =>
  Math.floor((clock.now().getTime() - date.getTime()) / 60_000);
