import { expect, test } from 'vitest';
import { outcomes } from '../../shared/core/outcomes.ts';
import type { ClusterRecord, ExporterState } from '../../shared/core/record.ts';
import { aNode, aRecord, COMMAND, installed, NODE, ORDER, someWork, working } from './sample-record.ts';

const inFlight = working({ phase: 'installing', orderId: ORDER, commandId: COMMAND });
const after = (state: ExporterState): ClusterRecord =>
  aRecord({ nodes: { [NODE]: aNode({ exporters: { node: state } }) } });
const told = { node: NODE, exporter: 'node', orderId: ORDER };

test.each<[string, ClusterRecord | undefined, ClusterRecord, readonly object[]]>([
  ['an install that is done', inFlight, after({ installed }), [{ ...told, outcome: 'installed' }]],
  [
    'an install that is done, but for a daemon',
    inFlight,
    after({ installed: { ...installed, reason: 'zkfc is left out' } }),
    [{ ...told, outcome: 'installed', reason: 'zkfc is left out' }],
  ],
  ['a removal that is done', inFlight, aRecord(), [{ ...told, outcome: 'removed' }]],
  [
    'a failure with its reason',
    inFlight,
    after({ work: someWork({ phase: 'failed', reason: 'wrong checksum' }) }),
    [{ ...told, outcome: 'failed', reason: 'wrong checksum' }],
  ],
  ['an order still in flight is no outcome', inFlight, inFlight, []],
  ['work that was never ordered is no outcome', working({ phase: 'waiting' }), after({ installed }), []],
  ['a node that is gone has no outcome', inFlight, aRecord({ nodes: {} }), []],
  ['a first look has no outcome', undefined, inFlight, []],
])('%s', (_name, before, now, expected) => {
  expect(outcomes(before, now)).toEqual(expected);
});
