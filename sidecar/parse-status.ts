import { countPending, type Pending, type Story, storiesOf } from './pending.ts';
import { type Place, parseSeen, type SeenExporter, type SeenNode } from './seen-record.ts';

/** What is kept of a record: counts, and the first so many stories; never its body. */
export interface ClusterStatus {
  readonly name: string;
  readonly state: string;
  readonly region: string;
  readonly releaseLabel: string;
  readonly isWatched: boolean;
  /** A policy holds the whole cluster back. */
  readonly held: string | undefined;
  /** Begin of the look that the record was last changed by. */
  readonly changedAt: string | undefined;
  /** When its first node of today's was first seen, in ms; undefined without nodes. */
  readonly firstSeen: number | undefined;
  readonly nodes: readonly { readonly exporter: string; readonly phase: string; readonly count: number }[];
  readonly groups: readonly Group[];
  /** By exporter. */
  readonly endpoints: ReadonlyMap<string, number>;
  readonly upgrades: readonly Upgrade[];
  readonly pending: readonly Pending[];
  readonly leaving: readonly string[];
  readonly stories: readonly Story[];
  /** Stories that are not kept. */
  readonly moreStories: number;
}

interface Group {
  readonly role: string;
  readonly market: string;
  readonly instanceType: string;
  readonly count: number;
}

/** Nodes on their way from another version of an exporter. */
export interface Upgrade {
  readonly exporter: string;
  readonly version: string;
  readonly outcome: 'done' | 'under_way' | 'failed' | 'gave_up';
  readonly count: number;
}

/**
 * installed  work             → phase
 * –          none             → (not counted)
 * yes        none             → installed
 * –          in some phase    → that phase
 */
export function parseStatus(body: string): ClusterStatus {
  const { name, state, selected, releaseLabel, labels, held, observedAt, nodes } = parseSeen(body);
  const all = Object.entries(nodes);
  const places = all.flatMap(([id, node]) =>
    Object.entries(node.exporters).map(([exporter, seen]): Place => ({ id, node, exporter, seen })),
  );
  const firsts = all.flatMap(([, { firstSeen }]) => Date.parse(firstSeen ?? '') || []);
  const phases = places.flatMap(({ exporter, seen: { installed, work } }) => {
    const phase = work?.phase ?? (installed === undefined ? undefined : 'installed');
    return phase === undefined ? [] : [{ exporter, phase }];
  });
  return {
    name,
    state,
    region: labels.region,
    releaseLabel,
    isWatched: selected !== false,
    held,
    changedAt: observedAt,
    firstSeen: firsts.length === 0 ? undefined : Math.min(...firsts),
    nodes: counted(phases),
    groups: counted(
      all.flatMap(([, { state: now, role, market, instanceType }]) =>
        now === 'TERMINATED' ? [] : [{ role, market, instanceType }],
      ),
    ),
    endpoints: sums(places.map(({ node, exporter, seen }) => [exporter, endpointsOf(node, seen)])),
    upgrades: counted(places.flatMap(upgradeOf)),
    pending: countPending(places),
    leaving: all.flatMap(([id, node]) => (node.leaving === true ? [id] : [])).toSorted(),
    ...storiesOf(all, places),
  };
}

/** As many targets as shared/core/targets.ts makes of them. */
const endpointsOf = ({ address }: SeenNode, { installed }: SeenExporter): number =>
  address === undefined ? 0 : (installed?.endpoints.length ?? 0);

function upgradeOf({ exporter, seen: { installed, work } }: Place): readonly Omit<Upgrade, 'count'>[] {
  if (installed === undefined) return [];
  if (work?.action !== 'install' || work.revision === installed.revision)
    return installed.from === undefined ? [] : [{ exporter, version: installed.version, outcome: 'done' }];
  const { phase, version } = work;
  if (phase === 'gaveUp' || phase === 'unsupported') return [{ exporter, version, outcome: 'gave_up' }];
  return [{ exporter, version, outcome: phase === 'failed' ? 'failed' : 'under_way' }];
}

/** How often each of them is there. */
function counted<T extends object>(all: readonly T[]): readonly (T & { readonly count: number })[] {
  const alike = Map.groupBy(all, (one) => Object.values(one).join('\n'));
  return [...alike.values()].flatMap((some) => some.slice(0, 1).map((one) => ({ ...one, count: some.length })));
}

function sums(all: readonly (readonly [string, number])[]): ReadonlyMap<string, number> {
  const total = new Map<string, number>();
  for (const [key, value] of all) total.set(key, (total.get(key) ?? 0) + value);
  return total;
}
