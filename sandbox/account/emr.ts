import type { ClusterId, InstanceId } from '../../shared/core/model.ts';
import type { Ec2 } from './ec2.ts';
import { lifecycle } from './emr-lifecycle.ts';
import type { EmrCluster, EmrGroup, EmrInstance, EmrTimings, EndReason, LaunchSpec } from './emr-model.ts';
import { emitScalingAction, emitShortage, emitUnhealthy } from './emr-notices.ts';
import { emrQuota } from './emr-quota.ts';
import { emrState } from './emr-state.ts';
import type { Surroundings } from './surroundings.ts';

export interface Emr {
  launch(spec: LaunchSpec): ClusterId;
  /** Scale-out at once; scale-in takes the youngest nodes after the time YARN needs to let them go. */
  resize(groupId: EmrGroup['id'], count: number, by?: 'user' | 'managed scaling'): void;
  /** A node is lost: EC2 ends it and EMR starts another, or the group stays one smaller. */
  replaceNode(id: InstanceId, options?: Replacement): void;
  /** EMR finds a node unhealthy, tells so, and replaces it unless that is disabled. */
  findUnhealthy(id: InstanceId, options?: Replacement): void;
  /** EC2 takes a spot node back: warned now, ended when the warning is over. */
  loseSpot(id: InstanceId, options?: Replacement): void;
  /** A running node goes back to BOOTSTRAPPING, and returns. */
  rebootstrap(id: InstanceId): void;
  /** The group or fleet is RECONFIGURING for as long as a bootstrap takes; its nodes stay. */
  reconfigure(groupId: EmrGroup['id']): void;
  /** EC2 has no capacity for a group or fleet: EMR tells so each time this is called. */
  lackCapacity(groupId: EmrGroup['id']): void;
  /** AddTags and RemoveTags: these are the cluster's tags from now on, and those of the instances it has. */
  tag(id: ClusterId, tags: Readonly<Record<string, string>>): void;
  terminate(id: ClusterId, reason?: EndReason): void;
  /** Two months after its end: from now on the id "is not valid". */
  forget(id: ClusterId): void;
  clusters(): readonly EmrCluster[];
  cluster(id: string): EmrCluster | undefined;
  groups(id: ClusterId): readonly EmrGroup[];
  /** All there ever were, oldest first. */
  instances(id: ClusterId): readonly EmrInstance[];
  /** Those that have not ended. */
  active(id: ClusterId): readonly EmrInstance[];
  /** Takes a call from EMR's quota, or throws ThrottlingException. */
  admit(operation: string): void;
}

interface Replacement {
  readonly replacement: boolean;
}

export function emr(world: Surroundings, ec2: Ec2, timings: EmrTimings): Emr {
  const { clock, ids } = world;
  const state = emrState(world);
  const { nodes, cluster, group } = state;
  const unreplaced = new Set<InstanceId>();
  const life = lifecycle(world, state, ec2, timings, (node) => node.ec2 === undefined || !unreplaced.has(node.ec2.id));

  function nodeOf(id: InstanceId): EmrInstance {
    const node = nodes.byEc2(id);
    if (node === undefined) throw new Error(`${id} is not a node of EMR's`);
    return node;
  }

  function replaceNode(id: InstanceId, { replacement }: Replacement = { replacement: true }): void {
    if (!replacement) unreplaced.add(id);
    ec2.shutDown(id);
  }

  return {
    launch({ name, groups, releaseLabel = 'emr-7.5.0', tags = {}, ...spec }) {
      const { collection = 'INSTANCE_GROUP', transient = false, bootstrapFails = false } = spec;
      const id = ids.cluster();
      const createdAt = clock.now();
      const kind = { releaseLabel, tags, collection, transient, bootstrapFails };
      state.enterCluster({ id, name, ...kind, state: 'STARTING', createdAt });
      for (const { count, otherTypes = [], ...request } of groups) {
        const groupId = collection === 'INSTANCE_GROUP' ? ids.group() : ids.fleet();
        const since = { requested: count, state: 'PROVISIONING', createdAt, changedAt: createdAt } as const;
        const entered: EmrGroup = { ...request, ...since, otherTypes, id: groupId, clusterId: id };
        state.putGroup(entered);
        for (let n = 0; n < count; n += 1) life.addInstance(entered);
      }
      return id;
    },
    resize(groupId, count, by = 'user') {
      const before = group(groupId);
      const wanted: EmrGroup = { ...before, requested: count, state: 'RESIZING', changedAt: clock.now() };
      if (by === 'managed scaling') emitScalingAction(world, cluster(before.clusterId), wanted);
      state.enterGroup(wanted);
      const members = nodes.members(wanted);
      for (let n = members.length; n < count; n += 1) life.addInstance(wanted);
      const youngest = members.slice(count);
      for (const node of youngest) nodes.markLeaving(node);
      clock.after(youngest.length === 0 ? 0 : timings.decommission, () => {
        for (const { id } of youngest) life.release(nodes.get(id));
        life.settle(before.clusterId);
      });
    },
    replaceNode,
    findUnhealthy(id, options = { replacement: true }) {
      const node = nodeOf(id);
      emitUnhealthy(world, cluster(node.clusterId), node, options.replacement);
      if (options.replacement) replaceNode(id);
    },
    loseSpot(id, { replacement } = { replacement: true }) {
      if (!replacement) unreplaced.add(id);
      ec2.interrupt(id);
    },
    rebootstrap: (id) => life.rebootstrap(nodeOf(id)),
    reconfigure(groupId) {
      state.enterGroup({ ...group(groupId), state: 'RECONFIGURING', changedAt: clock.now() });
      clock.after(timings.bootstrap, () => {
        const { state: now, clusterId } = group(groupId);
        if (now !== 'RECONFIGURING') return;
        state.enterGroup({ ...group(groupId), state: 'RUNNING' });
        life.settle(clusterId);
      });
    },
    lackCapacity: (groupId) => emitShortage(world, cluster(group(groupId).clusterId), group(groupId)),
    tag(id, tags) {
      state.putCluster({ ...cluster(id), tags });
      for (const node of nodes.active(id)) {
        const instance = node.ec2 && ec2.instance(node.ec2.id);
        const own = Object.entries(instance?.tags ?? {}).filter(([key]) => key.startsWith('aws:'));
        if (instance !== undefined) ec2.tag(instance.id, { ...tags, ...Object.fromEntries(own) });
      }
    },
    terminate: life.terminate,
    forget(id) {
      if (cluster(id).endedAt === undefined)
        throw new Error(`EMR forgets ended clusters only, and ${id} has not ended`);
      state.forget(id);
    },
    clusters: state.clusters,
    cluster: state.find,
    groups: state.groupsOf,
    instances: nodes.of,
    active: nodes.active,
    admit: emrQuota(clock),
  };
}
