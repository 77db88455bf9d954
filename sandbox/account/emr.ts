import type { ClusterId, InstanceId, NodeState } from '../../shared/core/model.ts';
import { CLUSTER_TAG, type Ec2, type Instance } from './ec2.ts';
import { emitClusterState, emitGroupState, isError } from './emr-events.ts';
import type { EmrCluster, EmrGroup, EmrInstance, EmrTimings, EndReason, LaunchSpec } from './emr-model.ts';
import { emrQuota } from './emr-quota.ts';
import { roster } from './emr-roster.ts';
import type { Surroundings } from './surroundings.ts';

export interface Emr {
  launch(spec: LaunchSpec): ClusterId;
  /** Scale-out at once; scale-in takes the youngest nodes after the time YARN needs to let them go. */
  resize(groupId: EmrGroup['id'], count: number): void;
  /** A node is lost or unhealthy: EC2 ends it and EMR starts another, or the group stays one smaller. */
  replaceNode(id: InstanceId, options?: Replacement): void;
  /** EC2 takes a spot node back: warned now, ended when the warning is over. */
  loseSpot(id: InstanceId, options?: Replacement): void;
  terminate(id: ClusterId, reason?: EndReason): void;
  clusters(): readonly EmrCluster[];
  cluster(id: string): EmrCluster | undefined;
  groups(id: ClusterId): readonly EmrGroup[];
  instances(id: ClusterId): readonly EmrInstance[];
  /** Takes a call from EMR's quota, or throws ThrottlingException. */
  admit(operation: string): void;
}

interface Replacement {
  readonly replacement: boolean;
}

export function emr(world: Surroundings, ec2: Ec2, timings: EmrTimings): Emr {
  const { clock, ids } = world;
  const clusters = new Map<ClusterId, EmrCluster>();
  const groups = new Map<EmrGroup['id'], EmrGroup>();
  const nodes = roster();
  const unreplaced = new Set<InstanceId>();
  const quota = emrQuota(clock);

  const cluster = (id: ClusterId): EmrCluster => known(clusters.get(id), id);
  const groupsOf = (id: ClusterId): EmrGroup[] => [...groups.values()].filter(({ clusterId }) => clusterId === id);

  function enterCluster(next: EmrCluster): void {
    clusters.set(next.id, next);
    emitClusterState(world, next);
  }

  function enterGroup(next: EmrGroup): void {
    groups.set(next.id, next);
    const running = nodes.members(next).filter(({ state }) => state === 'RUNNING').length;
    emitGroupState(world, cluster(next.clusterId), next, running);
  }

  /** Says whether the node was still in the state it had to be in. */
  function advance(id: EmrInstance['id'], from: NodeState, patch: Partial<EmrInstance>): boolean {
    const node = nodes.get(id);
    if (node.state !== from) return false;
    nodes.put({ ...node, ...patch });
    settle(node.clusterId);
    return true;
  }

  function addInstance({ id: groupId, clusterId, instanceType, market, role }: EmrGroup): void {
    const id = ids.emrInstance();
    nodes.put({ id, clusterId, groupId, state: 'AWAITING_FULFILLMENT', createdAt: clock.now() });
    const tags = {
      ...cluster(clusterId).tags,
      'aws:elasticmapreduce:instance-group-role': role,
      [CLUSTER_TAG]: clusterId,
    };
    const run = (): void => void advance(id, 'BOOTSTRAPPING', { state: 'RUNNING', readyAt: clock.now() });
    const bootstrap = (): void => {
      if (advance(id, 'PROVISIONING', { state: 'BOOTSTRAPPING' })) clock.after(timings.bootstrap, run);
    };
    clock.after(timings.fulfil, () => {
      if (nodes.get(id).state !== 'AWAITING_FULFILLMENT') return;
      const { id: ec2Id, address, dnsName } = ec2.launch({ instanceType, market, tags });
      advance(id, 'AWAITING_FULFILLMENT', { state: 'PROVISIONING', ec2: { id: ec2Id, address, dnsName } });
      clock.after(timings.provision, bootstrap);
    });
  }

  /** Groups and the cluster follow their nodes. */
  function settle(id: ClusterId): void {
    if (cluster(id).state === 'TERMINATING') return settleEnd(cluster(id));
    for (const group of groupsOf(id)) settleGroup(group);
    const begun = nodes.of(id).some(({ state }) => state === 'BOOTSTRAPPING');
    if (cluster(id).state === 'STARTING' && begun) enterCluster({ ...cluster(id), state: 'BOOTSTRAPPING' });
    const ready = groupsOf(id).every(({ state }) => state === 'RUNNING');
    if (cluster(id).state === 'BOOTSTRAPPING' && ready) runSteps(id);
  }

  function settleGroup(group: EmrGroup): void {
    const members = nodes.members(group);
    const complete = members.length === group.requested && members.every(({ state }) => state === 'RUNNING');
    const departing = nodes.of(group.clusterId).some((node) => node.groupId === group.id && nodes.isLeaving(node));
    if (group.state === 'RUNNING' || !complete || departing) return;
    const next = { ...group, state: 'RUNNING' } as const;
    // A group's first provisioning is no event of its own, a fleet's is.
    if (group.state === 'RESIZING' || cluster(group.clusterId).collection === 'INSTANCE_FLEET') enterGroup(next);
    else groups.set(next.id, next);
  }

  function runSteps(id: ClusterId): void {
    enterCluster({ ...cluster(id), state: 'RUNNING', readyAt: clock.now() });
    clock.after(timings.steps, () => {
      if (cluster(id).state !== 'RUNNING') return;
      if (cluster(id).transient) terminate(id, 'ALL_STEPS_COMPLETED');
      else enterCluster({ ...cluster(id), state: 'WAITING' });
    });
  }

  function settleEnd(ending: EmrCluster): void {
    if (nodes.of(ending.id).some(({ state }) => state !== 'TERMINATED')) return;
    for (const group of groupsOf(ending.id)) groups.set(group.id, { ...group, state: 'TERMINATED' });
    const state = isError(ending.reason) ? 'TERMINATED_WITH_ERRORS' : 'TERMINATED';
    enterCluster({ ...ending, state, endedAt: clock.now() });
  }

  const end = (node: EmrInstance): void => nodes.put({ ...node, state: 'TERMINATED', endedAt: clock.now() });

  function release(node: EmrInstance): void {
    nodes.markLeaving(node);
    if (node.ec2 === undefined) end(node);
    else ec2.shutDown(node.ec2.id);
  }

  function terminate(id: ClusterId, reason: EndReason = 'USER_REQUEST'): void {
    if (cluster(id).state.startsWith('TERMINAT')) return;
    enterCluster({ ...cluster(id), state: 'TERMINATING', reason });
    for (const node of nodes.of(id)) if (node.state !== 'TERMINATED') release(node);
    settle(id);
  }

  function resize(groupId: EmrGroup['id'], count: number): void {
    const group = known(groups.get(groupId), groupId);
    enterGroup({ ...group, requested: count, state: 'RESIZING', changedAt: clock.now() });
    const members = nodes.members(group);
    for (let n = members.length; n < count; n += 1) addInstance(group);
    const youngest = members.slice(count);
    for (const node of youngest) nodes.markLeaving(node);
    clock.after(youngest.length === 0 ? 0 : timings.decommission, () => {
      for (const { id } of youngest) release(nodes.get(id));
      settle(group.clusterId);
    });
  }

  /** EC2 ends a node that EMR did not let go: its group is short of one from now on. */
  function lose(node: EmrInstance, isReplaced: boolean): void {
    const group = known(groups.get(node.groupId), node.groupId);
    nodes.markLeaving(node);
    const requested = isReplaced ? group.requested : group.requested - 1;
    enterGroup({ ...group, requested, state: 'RESIZING', changedAt: clock.now() });
    if (isReplaced) addInstance(group);
  }

  ec2.watch(({ id, state }: Instance) => {
    const node = nodes.byEc2(id);
    if (node === undefined) return;
    if (state === 'shutting-down' && !nodes.isLeaving(node)) lose(node, !unreplaced.has(id));
    if (state !== 'terminated') return;
    end(node);
    settle(node.clusterId);
  });

  return {
    launch({ name, groups: wanted, releaseLabel = 'emr-7.5.0', tags = {}, ...spec }) {
      const { collection = 'INSTANCE_GROUP', transient = false } = spec;
      const id = ids.cluster();
      const createdAt = clock.now();
      enterCluster({ id, name, releaseLabel, tags, collection, transient, state: 'STARTING', createdAt });
      for (const { count, ...request } of wanted) {
        const groupId = collection === 'INSTANCE_GROUP' ? ids.group() : ids.fleet();
        const since = { requested: count, state: 'PROVISIONING', createdAt, changedAt: createdAt } as const;
        const group: EmrGroup = { ...request, ...since, id: groupId, clusterId: id };
        groups.set(groupId, group);
        for (let n = 0; n < count; n += 1) addInstance(group);
      }
      return id;
    },
    resize,
    replaceNode(id, { replacement } = { replacement: true }) {
      if (!replacement) unreplaced.add(id);
      ec2.shutDown(id);
    },
    loseSpot(id, { replacement } = { replacement: true }) {
      if (!replacement) unreplaced.add(id);
      ec2.interrupt(id);
    },
    terminate,
    clusters: () => [...clusters.values()],
    cluster: (id) => [...clusters.values()].find((one) => one.id === id),
    groups: groupsOf,
    instances: (id) => nodes.of(id),
    admit: quota,
  };
}

function known<T>(found: T | undefined, id: string): T {
  if (found === undefined) throw new Error(`the simulated account has no ${id}`);
  return found;
}
