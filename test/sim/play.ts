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

  function strike({ kind, cluster, which }: Extract<Deed, { readonly which: number; readonly cluster: number }>): void {
    if (kind === 'reconfigure') return reconfigure(cluster, which);
    const node = expendable(cluster, which, kind === 'spot');
    if (node === undefined) return;
    if (kind === 'rebootstrap') emr.rebootstrap(node);
    if (kind === 'unhealthy') emr.findUnhealthy(node);
    if (kind === 'lose') emr.replaceNode(node);
    if (kind === 'lose for good') emr.replaceNode(node, { replacement: false });
    if (kind === 'spot') emr.loseSpot(node);
  }

  function reconfigure(cluster: number, which: number): void {
    const id = running(cluster);
    const group = pickFrom(id ? emr.groups(id) : [], which);
    if (group !== undefined) emr.reconfigure(group.id);
  }

  function resize({ cluster, which, count }: Extract<Deed, { kind: 'resize' }>): void {
    const id = running(cluster);
    const workers = (id ? emr.groups(id) : []).filter(({ role }) => role !== 'MASTER');
    const group = pickFrom(workers, which);
    if (group !== undefined) emr.resize(group.id, count);
  }

  function tag({ cluster, tags }: Extract<Deed, { kind: 'tag' }>): void {
    const id = running(cluster);
    const before = id && emr.cluster(id)?.tags;
    if (id === undefined || before === undefined) return;
    world.ledger.truth.retagged(id, before);
    emr.tag(id, tags);
  }

  function terminate({ cluster, reason }: Extract<Deed, { kind: 'terminate' }>): void {
    const id = launched.get(cluster);
    if (id !== undefined) emr.terminate(id, reason);
  }

  return (deed) => {
    world.ledger.trace(() => `— ${JSON.stringify(deed)}`);
    switch (deed.kind) {
      case 'launch':
        return void launched.set(deed.cluster, emr.launch(deed.spec));
      case 'resize':
        return resize(deed);
      case 'tag':
        return tag(deed);
      case 'storm':
        return storm(world);
      case 'terminate':
        return terminate(deed);
      case 'deploy':
        return world.deploy(deed.wish);
      case 'backfill':
        return backfill(deed.isForced);
      default:
        return strike(deed);
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
