import type { ClusterId, NodeState } from '../../shared/core/model.ts';
import { CLUSTER_TAG } from './ec2-register.ts';
import type { Ec2, Instance } from './ec2.ts';
import { isError } from './emr-events.ts';
import type { EmrCluster, EmrGroup, EmrInstance, EmrTimings, EndReason } from './emr-model.ts';
import type { EmrState } from './emr-state.ts';
import type { Surroundings } from './surroundings.ts';

/** How nodes come and go, and groups and clusters after them. */
export interface Lifecycle {
  readonly addInstance: (group: EmrGroup) => void;
  readonly release: (node: EmrInstance) => void;
  /** A node that runs does its bootstrap once more. */
  readonly rebootstrap: (node: EmrInstance) => void;
  readonly settle: (id: ClusterId) => void;
  readonly terminate: (id: ClusterId, reason?: EndReason) => void;
}

export function lifecycle(
  { clock, ids }: Surroundings,
  state: EmrState,
  ec2: Ec2,
  timings: EmrTimings,
  isReplaced: (node: EmrInstance) => boolean,
): Lifecycle {
  const { nodes, cluster, groupsOf, enterCluster, enterGroup } = state;

  /** Says whether the node was still in the state it had to be in. */
  function advance(id: EmrInstance['id'], from: NodeState, patch: Partial<EmrInstance>): boolean {
    const node = nodes.get(id);
    if (node.state !== from) return false;
    nodes.put({ ...node, ...patch });
    settle(node.clusterId);
    return true;
  }

  function bootstrap(id: EmrInstance['id'], from: NodeState): void {
    if (!advance(id, from, { state: 'BOOTSTRAPPING' })) return;
    const { clusterId } = nodes.get(id);
    clock.after(timings.bootstrap, () => {
      if (cluster(clusterId).bootstrapFails) terminate(clusterId, 'BOOTSTRAP_FAILURE');
      else advance(id, 'BOOTSTRAPPING', { state: 'RUNNING', readyAt: clock.now() });
    });
  }

  function addInstance({ id: groupId, clusterId, market, role, ...group }: EmrGroup): void {
    const id = ids.emrInstance();
    const types = [group.instanceType, ...group.otherTypes];
    const nth = nodes.tally(state.group(groupId)).members;
    const instanceType = types[nth % types.length] ?? group.instanceType;
    const createdAt = clock.now();
    nodes.put({ id, clusterId, groupId, instanceType, state: 'AWAITING_FULFILLMENT', createdAt });
    clock.after(timings.fulfil, () => {
      if (nodes.get(id).state !== 'AWAITING_FULFILLMENT') return;
      const own = { 'aws:elasticmapreduce:instance-group-role': role, [CLUSTER_TAG]: clusterId };
      const tags = { ...cluster(clusterId).tags, ...own };
      const { id: ec2Id, address, dnsName } = ec2.launch({ instanceType, market, tags });
      advance(id, 'AWAITING_FULFILLMENT', { state: 'PROVISIONING', ec2: { id: ec2Id, address, dnsName } });
      clock.after(timings.provision, () => bootstrap(id, 'PROVISIONING'));
    });
  }

  /** Groups and the cluster follow their nodes. */
  function settle(id: ClusterId): void {
    const { state: before } = cluster(id);
    if (before === 'TERMINATING') return settleEnd(cluster(id));
    for (const group of groupsOf(id)) settleGroup(group);
    if (before !== 'STARTING' && before !== 'BOOTSTRAPPING') return;
    const begun = nodes.active(id).some((node) => node.state === 'BOOTSTRAPPING');
    if (before === 'STARTING' && begun) enterCluster({ ...cluster(id), state: 'BOOTSTRAPPING' });
    const ready = groupsOf(id).every((group) => group.state === 'RUNNING');
    if (cluster(id).state === 'BOOTSTRAPPING' && ready) runSteps(id);
  }

  function settleGroup(group: EmrGroup): void {
    const { members, running, leaving } = nodes.tally(group);
    const complete = members === group.requested && running === members && leaving === 0;
    if (!complete || group.state === 'RUNNING' || group.state === 'RECONFIGURING') return;
    const next = { ...group, state: 'RUNNING' } as const;
    // A group's first provisioning is no event of its own, a fleet's is.
    if (group.state === 'RESIZING' || cluster(group.clusterId).collection === 'INSTANCE_FLEET') enterGroup(next);
    else state.putGroup(next);
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
    if (nodes.active(ending.id).length > 0) return;
    for (const group of groupsOf(ending.id)) state.putGroup({ ...group, state: 'TERMINATED' });
    const last = isError(ending.reason) ? 'TERMINATED_WITH_ERRORS' : 'TERMINATED';
    enterCluster({ ...ending, state: last, endedAt: clock.now() });
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
    for (const node of nodes.active(id)) release(node);
    settle(id);
  }

  /** EC2 ends a node that EMR did not let go: its group is short of one from now on, and nothing goes on without a master. */
  function lose(node: EmrInstance): void {
    const group = state.group(node.groupId);
    nodes.markLeaving(node);
    if (group.role === 'MASTER' && group.requested === 1) return terminate(group.clusterId, 'INSTANCE_FAILURE');
    const requested = isReplaced(node) ? group.requested : group.requested - 1;
    enterGroup({ ...group, requested, state: 'RESIZING', changedAt: clock.now() });
    if (isReplaced(node)) addInstance(group);
  }

  ec2.watch(({ id, state: now }: Instance) => {
    const node = nodes.byEc2(id);
    if (node === undefined) return;
    if (now === 'shutting-down' && !nodes.isLeaving(node)) lose(node);
    if (now !== 'terminated') return;
    end(node);
    settle(node.clusterId);
  });

  return { addInstance, release, rebootstrap: ({ id }) => bootstrap(id, 'RUNNING'), settle, terminate };
}
