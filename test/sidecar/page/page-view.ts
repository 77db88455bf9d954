import type { ClusterId } from '../../../shared/core/model.ts';
import type { ClusterRecord } from '../../../shared/core/record.ts';
import { type Known, nothingKnown } from '../../../sidecar/known.ts';
import { parseStatus } from '../../../sidecar/parse-status.ts';
import type { View } from '../../../sidecar/page/view.ts';
import { aNode, idOf, objectsOf } from './page-records.ts';

export const NOW = new Date('2026-11-23T03:00:00.000Z');

/** A cluster of one node that is done, and what else a test wants. */
export function aView(over: Partial<View> = {}, known: Partial<Known> = {}): View {
  const base = knownOf('j-A', { [idOf(1, 0)]: aNode(NOW, 0) });
  return {
    bucket: 'monitoring',
    holdMs: 600_000,
    intervalMs: 5000,
    now: NOW,
    uptime: 3_600_000,
    known: { ...base, ...known },
    complaints: new Map(),
    content: undefined,
    ...over,
  };
}

/** What the sidecar knows once it has read this cluster's record. */
export function knownOf(id: ClusterId, nodes: ClusterRecord['nodes'], over: Partial<ClusterRecord> = {}): Known {
  const record = objectsOf(id, NOW, nodes, over)[`clusters/${id}.json`] ?? '';
  return {
    ...nothingKnown(),
    statuses: new Map([[id, { etag: 'e', ...parseStatus(record) }]]),
    targets: new Map([[id, new Map([['node', 1]])]]),
    last: new Map([
      ['pass', NOW],
      ['good pass', NOW],
      ['look', NOW],
    ]),
  };
}
