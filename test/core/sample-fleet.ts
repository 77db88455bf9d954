import type { ClusterId } from '../../shared/core/model.ts';
import type { ClusterRecord, ExporterState, NodeRecord, Work } from '../../shared/core/record.ts';
import { ago, aNode, aRecord, COMMAND, installed, MINUTE, ORDER, someWork } from './sample-record.ts';

/** Fleets for rollouts: `fleet('old busy', 'upgraded')` is two clusters, of the nodes i-1-1, i-1-2 and i-2-1. */

const before = { ...installed, version: '1.11.0', revision: 'r1' };
const inFlight = (changes: Partial<Work>) =>
  someWork({ phase: 'installing', orderId: ORDER, commandId: COMMAND, ...changes });
const trying = (changes: Partial<Work>): ExporterState => ({ installed: before, work: inFlight(changes) });
const tried = (changes: Partial<Work>): ExporterState => ({ installed: before, work: someWork(changes) });
const withNode = (state: ExporterState, changes: Partial<NodeRecord> = {}): NodeRecord =>
  aNode({ exporters: { node: state }, ...changes });

/** What a node can be to the rollout from r1 to r2. */
const NODES = {
  old: withNode({ installed: before }),
  upgraded: withNode({ installed: { ...installed, from: 'r1' } }),
  new: withNode({ installed }),
  busy: withNode(trying({ at: ago(MINUTE) })),
  unanswered: withNode(trying({ at: ago(20 * MINUTE - 1) })),
  offline: withNode(tried({ phase: 'waiting', reason: 'SSM agent is not online', at: ago(20 * MINUTE - 1) })),
  stuck: withNode(trying({ at: ago(20 * MINUTE) })),
  stuckOffline: withNode(tried({ phase: 'waiting', reason: 'SSM agent is not online', at: ago(20 * MINUTE) })),
  putOff: withNode(tried({ phase: 'waiting', deferrals: 2, at: ago(4 * MINUTE - 1) })),
  justPutOff: withNode(tried({ phase: 'waiting', deferrals: 2, at: ago(MINUTE) })),
  stuckPutOff: withNode(tried({ phase: 'waiting', deferrals: 2, at: ago(4 * MINUTE) })),
  failed: withNode(tried({ phase: 'failed', attempt: 1, at: ago(MINUTE - 1) })),
  failedDue: withNode(tried({ phase: 'failed', attempt: 1, at: ago(MINUTE) })),
  failedAway: withNode(tried({ phase: 'failed', attempt: 1, at: ago(MINUTE) }), { state: 'BOOTSTRAPPING' }),
  oldAway: withNode({ installed: before }, { state: 'BOOTSTRAPPING' }),
  unsupported: withNode(tried({ phase: 'unsupported', at: ago(MINUTE) })),
  gaveUp: withNode(tried({ phase: 'gaveUp', attempt: 6, at: ago(MINUTE) })),
  other: withNode(trying({ revision: 'r0', at: ago(16 * MINUTE - 1) })),
  otherLost: withNode(trying({ revision: 'r0', at: ago(16 * MINUTE) })),
  otherFailed: withNode(tried({ revision: 'r0', phase: 'gaveUp', attempt: 6 })),
  removing: withNode(tried({ action: 'remove', phase: 'failed', attempt: 1 })),
  leaving: withNode({ installed: before }, { leaving: true }),
  busyLeaving: withNode(trying({ at: ago(MINUTE) }), { leaving: true }),
  adopted: withNode({ installed: { ...before, adopted: true } }),
  bare: aNode(),
  installing: withNode({ work: inFlight({}) }),
  gone: withNode({ installed: before }, { state: 'TERMINATED' }),
} satisfies Record<string, NodeRecord>;

export const fleet = (...clusters: readonly string[]): readonly ClusterRecord[] =>
  clusters.map((words, index) => {
    const nodes = words
      .split(' ')
      .map((word, place) => [`i-${index + 1}-${place + 1}`, NODES[word as keyof typeof NODES]]);
    return aRecord({ clusterId: `j-${index + 1}` satisfies ClusterId, nodes: Object.fromEntries(nodes) });
  });
