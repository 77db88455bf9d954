import type { ClusterId } from '../shared/core/model.ts';

/** Some 18,000 endpoints: one with all its labels is about 450 bytes. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

export interface Listed {
  readonly etag: string;
  readonly size: number;
}

/** The content of `targets/` that was taken over or refused last. */
export interface Settled {
  readonly etag: string;
  readonly refused: boolean;
}

export type FetchAction =
  | { readonly kind: 'fetch'; readonly id: ClusterId; readonly reason: string }
  | { readonly kind: 'refuse'; readonly id: ClusterId; readonly reason: string };

export interface ListedState {
  readonly listed: ReadonlyMap<ClusterId, Listed>;
  readonly onDisk: ReadonlySet<ClusterId>;
  readonly settled: ReadonlyMap<ClusterId, Settled>;
  /** Could not be read; the one that failed longest ago is first. */
  readonly failing: ReadonlySet<ClusterId>;
}

/**
 * in S3           on disk  → action
 * new             –        → fetch
 * changed         –        → fetch
 * as written      yes      → nothing
 * as written      no       → fetch: somebody deleted it
 * as refused      –        → nothing
 * over the limit  –        → refuse
 *
 * Sorted by id, and those that could not be read before after all others: they must not hold up the rest.
 */
export function planFetches(seen: ListedState): readonly FetchAction[] {
  const patience = new Map([...seen.failing].map((id, index) => [id, index]));
  return [...seen.listed]
    .flatMap(([id, listed]): FetchAction[] => decideFetch(id, listed, seen))
    .toSorted((a, b) => (patience.get(a.id) ?? -1) - (patience.get(b.id) ?? -1) || (a.id < b.id ? -1 : 1));
}

function decideFetch(id: ClusterId, { etag, size }: Listed, { settled, onDisk }: ListedState): FetchAction[] {
  const last = settled.get(id);
  if (last?.etag === etag && (last.refused || onDisk.has(id))) return [];
  if (size > MAX_FILE_BYTES)
    return [{ kind: 'refuse', id, reason: `${size} bytes; at most ${MAX_FILE_BYTES} are read` }];
  if (last === undefined) return [{ kind: 'fetch', id, reason: 'new' }];
  return [{ kind: 'fetch', id, reason: last.etag === etag ? 'not on disk' : 'changed' }];
}

export type VanishedAction =
  | { readonly kind: 'remove'; readonly id: ClusterId; readonly reason: 'ended' | 'accepted' | 'held' }
  | { readonly kind: 'hold'; readonly id: ClusterId; readonly reason: 'vanished without ended/' }
  | { readonly kind: 'keep'; readonly id: ClusterId; readonly reason: 'over half of all keys vanished' };

export interface VanishedState {
  /** All files on disk. */
  readonly files: number;
  /** On disk and not in S3; since when, on a clock that never jumps. */
  readonly vanished: ReadonlyMap<ClusterId, number>;
  readonly ended: ReadonlySet<ClusterId>;
  /** Kept by an earlier plan. */
  readonly kept: ReadonlySet<ClusterId>;
  /** Somebody said that the vanished ones may go. */
  readonly accepted: boolean;
  readonly now: number;
  readonly holdMs: number;
}

/**
 * A file on disk whose key is not in S3, sorted by id:
 *
 * ended/<id>  accepted  kept before  over half of all  gone for    → action
 * yes         –         –            –                 –           → remove
 * no          yes       –            –                 –           → remove
 * no          no        yes          –                 –           → keep
 * no          no        no           yes               –           → keep
 * no          no        no           no                < hold      → hold
 * no          no        no           no                ≥ hold      → remove
 */
export function planVanished(seen: VanishedState): readonly VanishedAction[] {
  const unexplained = [...seen.vanished.keys()].filter((id) => !seen.ended.has(id));
  const isMass = unexplained.length * 2 > seen.files;
  return [...seen.vanished]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, since]) => decideVanished(id, since, isMass, seen));
}

function decideVanished(id: ClusterId, since: number, isMass: boolean, seen: VanishedState): VanishedAction {
  if (seen.ended.has(id)) return { kind: 'remove', id, reason: 'ended' };
  if (seen.accepted) return { kind: 'remove', id, reason: 'accepted' };
  if (isMass || seen.kept.has(id)) return { kind: 'keep', id, reason: 'over half of all keys vanished' };
  if (seen.now - since < seen.holdMs) return { kind: 'hold', id, reason: 'vanished without ended/' };
  return { kind: 'remove', id, reason: 'held' };
}
