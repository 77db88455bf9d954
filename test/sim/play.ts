import type { ClusterId } from '../../shared/core/model.ts';
import type { Deed } from './history.ts';
import { MINUTE, SECOND } from './time.ts';
import type { World } from './world.ts';

/** Does what the history says, as far as it makes sense by then. */
export function player(world: World, backfill: (isForced: boolean) => void): (deed: Deed) => void {
  const { emr, ec2 } = world.account;
  const launched = new Map<number, ClusterId>();

  const running = (cluster: number): ClusterId | undefined => {
    const id = launched.get(cluster);
    const state = id === undefined ? undefined : emr.cluster(id)?.state;
    return state === 'RUNNING' || state === 'WAITING' ? id : undefined;
  };
  const pickFrom = <T>(list: readonly T[], which: number): T | undefined => list[Math.floor(which * list.length)];
  /** A node that the cluster survives. */
  const expendable = (cluster: number, which: number, isSpot: boolean) => {
    const id = running(cluster);
    const groups = new Map((id ? emr.groups(id) : []).map((group) => [group.id, group]));
    const nodes = (id ? emr.instances(id) : []).flatMap(({ ec2: at, state, groupId }) => {
      const group = groups.get(groupId);
      const isThere = at !== undefined && state === 'RUNNING' && ec2.instance(at.id)?.state === 'running';
      const isLoose = group?.role !== 'MASTER' && (!isSpot || group?.market === 'SPOT');
      return isThere && isLoose ? [at.id] : [];
    });
    return pickFrom(nodes, which);
  };

  return (deed) => {
    world.ledger.trace(() => `— ${JSON.stringify(deed)}`);
    switch (deed.kind) {
      case 'launch':
        return void launched.set(deed.cluster, emr.launch(deed.spec));
      case 'resize': {
        const id = running(deed.cluster);
        const group = pickFrom(
          (id ? emr.groups(id) : []).filter(({ role }) => role !== 'MASTER'),
          deed.which,
        );
        return group && emr.resize(group.id, deed.count);
      }
      case 'lose':
      case 'spot': {
        const node = expendable(deed.cluster, deed.which, deed.kind === 'spot');
        if (node === undefined) return undefined;
        const lose = deed.kind === 'spot' ? emr.loseSpot : emr.replaceNode;
        return lose(node, { replacement: deed.isReplaced });
      }
      case 'unhealthy':
      case 'rebootstrap': {
        const node = expendable(deed.cluster, deed.which, false);
        if (node === undefined) return undefined;
        return deed.kind === 'unhealthy' ? emr.findUnhealthy(node) : emr.rebootstrap(node);
      }
      case 'tag': {
        const id = running(deed.cluster);
        const before = id && emr.cluster(id)?.tags;
        if (id === undefined || before === undefined) return undefined;
        world.ledger.truth.retagged(id, before);
        return emr.tag(id, deed.tags);
      }
      case 'storm':
        return storm(world);
      case 'terminate': {
        const id = launched.get(deed.cluster);
        return id && emr.terminate(id, deed.reason);
      }
      case 'deploy':
        return world.deploy(deed.wish);
      case 'backfill':
        return backfill(deed.isForced);
      default:
        return deed satisfies never;
    }
  };
}

/** Every cluster has groups that EC2 has no capacity for: EMR tells so again and again, and each time the bell rings. */
function storm({ account, clock }: World): void {
  const { emr } = account;
  for (let at = 0; at < 2 * MINUTE; at += 2 * SECOND) {
    clock.after(at, () => {
      for (const { id, state } of emr.clusters()) {
        const group = emr.groups(id).at(-1);
        if (group !== undefined && !state.startsWith('TERMINAT')) emr.lackCapacity(group.id);
      }
    });
  }
}
