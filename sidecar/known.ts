import type { ClusterId } from '../shared/core/model.ts';
import type { ClusterStatus } from './parse-status.ts';

/** What the sidecar knows: its parts write it down, metrics and page read it. */
export interface Known {
  /** What the last look at the records left. */
  readonly statuses: Map<ClusterId, ListedStatus>;
  /** Targets by job, of every file on disk. */
  readonly targets: Map<ClusterId, ReadonlyMap<string, number>>;
  /** Why what S3 has is refused as it is. */
  readonly refused: Map<ClusterId, string>;
  /** On disk, and not in S3 any more. */
  readonly vanished: Map<ClusterId, Vanished>;
  /** When it last came to an end: a pass, one without failure, a whole look at the records. */
  readonly last: Map<'pass' | 'good pass' | 'look', Date>;
}

export type ListedStatus = ClusterStatus & { readonly etag: string };

interface Vanished {
  readonly kind: 'hold' | 'keep';
  readonly reason: string;
  /** On the clock that never jumps: when this sidecar noticed. */
  readonly since: number;
}

export const nothingKnown = (): Known => ({
  statuses: new Map(),
  targets: new Map(),
  refused: new Map(),
  vanished: new Map(),
  last: new Map(),
});
