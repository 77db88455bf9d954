import type { NodeRecord } from '../../../shared/core/record.ts';
import { aNode, idOf, objectsOf, unfinished } from './page-records.ts';

type Objects = Readonly<Record<string, string>>;

const nodes = (cluster: number, all: readonly NodeRecord[]) =>
  Object.fromEntries(all.map((node, index) => [idOf(cluster, index), node]));
const installed = (now: Date, count: number): readonly NodeRecord[] =>
  Array.from({ length: count }, (_, index) => aNode(now, index));

/** An account at 3 a.m.: most of it is well. */
export function sampleFleet(now: Date): Objects {
  const gaveUp = unfinished(now, 'jmx', 47, {
    phase: 'gaveUp',
    attempt: 6,
    reason: 'exit 1: 41 MB free on /opt, 60 MB needed',
  });
  const offline = unfinished(now, 'node', 34, { phase: 'waiting', reason: 'SSM agent is not online' });
  const installing = unfinished(now, 'graphite', 1, { phase: 'installing', reason: 'missing' });
  const again = unfinished(now, 'node', 3, { phase: 'failed', attempt: 2, reason: 'curl: (28) connection timed out' });
  const core = installed(now, 6);
  return {
    ...objectsOf(
      'j-1FINANCEDAILY',
      now,
      nodes(1, [...core, aNode(now, 6, { jmx: gaveUp }), aNode(now, 7, { jmx: gaveUp })]),
      {
        name: 'finance-daily',
      },
    ),
    ...objectsOf(
      'j-2ADHOCNOTEBOOK',
      now,
      nodes(2, [...installed(now, 2), aNode(now, 2, { node: offline, jmx: {}, graphite: {} })]),
      {
        name: 'adhoc-notebooks',
        state: 'WAITING',
      },
    ),
    ...objectsOf(
      'j-3STREAMING',
      now,
      nodes(3, [...installed(now, 20), aNode(now, 20, { graphite: installing, node: again })]),
      {
        name: 'streaming-clicks',
      },
    ),
    ...objectsOf('j-4ETLNIGHTLY', now, nodes(4, installed(now, 12))),
    ...objectsOf('j-5STARTING', now, {}, { name: 'ml-training', state: 'STARTING' }),
  };
}

/** The same with names that want to be more than names. */
export const hostileFleet = (now: Date): Objects => ({
  ...sampleFleet(now),
  ...objectsOf(
    'j-6SCRIPT',
    now,
    nodes(6, [aNode(now, 0, { node: unfinished(now, 'node', 20, { phase: 'gaveUp', attempt: 6, reason: HOSTILE }) })]),
    {
      name: HOSTILE,
    },
  ),
  ...objectsOf('j-7QUOTES', now, nodes(7, [aNode(now, 0)]), { name: `"' onmouseover="alert(2)" x='` }),
  ...objectsOf('j-8TURNED', now, nodes(8, [aNode(now, 0)]), { name: 'safe\u202Efdp.exe\u0007\n' }),
  ...objectsOf('j-9LONG', now, nodes(9, [aNode(now, 0)]), { name: 'x'.repeat(256) }),
});

export const HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(3)>';
