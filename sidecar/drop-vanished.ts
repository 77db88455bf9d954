import type { ClusterId } from '../shared/core/model.ts';
import type { Parts, Sight } from './fetch-changed.ts';
import { planVanished, type VanishedAction } from './plan-sync.ts';
import { clusterOf } from './target-folder.ts';

export interface DropOptions {
  readonly holdMs: number;
  /** Milliseconds on a clock that never jumps: a wrong date must not end a hold. */
  readonly monotonic: () => number;
}

const ACCEPT_HINT = 'to let them go: systemctl kill --signal=USR2 prometheus-on-emr-sidecar, or --accept-vanished';

/** Removes the files whose key left S3, as soon as that is explained or has lasted. */
export function createDrop(
  { objects, folder, metrics, log, known: { vanished } }: Parts,
  { holdMs, monotonic }: DropOptions,
) {
  let since: ReadonlyMap<ClusterId, number> = new Map();
  let kept: ReadonlySet<ClusterId> | undefined;

  async function endedClusters(): Promise<ReadonlySet<ClusterId>> {
    const ended = await objects.list('ended/');
    return new Set(ended.flatMap(({ key }) => clusterOf(key.slice('ended/'.length)) ?? []));
  }

  async function perform(action: VanishedAction, isNew: boolean): Promise<void> {
    const { id: clusterId, reason } = action;
    if (action.kind === 'hold' && isNew) {
      log.warn('target file held', { clusterId, reason, holdSeconds: holdMs / 1000 });
    }
    if (action.kind !== 'remove' || !(await folder.remove(clusterId))) return;
    metrics.removed.inc({ reason });
    log.info('target file removed', { clusterId, reason });
  }

  async function keep(ids: ReadonlySet<ClusterId>, before: ReadonlySet<ClusterId>): Promise<void> {
    const more = [...ids].filter((id) => !before.has(id)).length;
    if (more > 0)
      log.error('over half of all keys vanished, their files are kept', { kept: ids.size, more, hint: ACCEPT_HINT });
    if (more > 0 || ids.size !== before.size) await folder.saveKept(ids);
    kept = ids;
  }

  return async ({ listed, onDisk }: Sight, accepted: boolean): Promise<void> => {
    const before = since;
    const now = monotonic();
    const keptBefore = (kept ??= await folder.readKept());
    since = new Map([...onDisk].filter((id) => !listed.has(id)).map((id) => [id, before.get(id) ?? now]));
    const ended = since.size === 0 ? new Set<ClusterId>() : await endedClusters();
    const plan = planVanished({ files: onDisk.size, vanished: since, ended, kept: keptBefore, accepted, now, holdMs });
    const idsOf = (kind: VanishedAction['kind']) =>
      new Set(plan.flatMap((action) => (action.kind === kind ? action.id : [])));
    metrics.held.set(idsOf('hold').size);
    metrics.kept.set(idsOf('keep').size);
    await keep(idsOf('keep'), keptBefore);
    vanished.clear();
    for (const { kind, id, reason } of plan)
      if (kind !== 'remove') vanished.set(id, { kind, reason, since: since.get(id) ?? now });
    for (const action of plan) await perform(action, !before.has(action.id));
  };
}
