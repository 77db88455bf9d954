import type { Place, SeenNode } from './seen-record.ts';
import { type Why, whyPending, WHYS } from './why-pending.ts';

/** Work on an exporter that is not done on some nodes of a cluster, all for the same kind of reason. */
export interface Pending {
  readonly exporter: string;
  readonly why: Why;
  readonly count: number;
  /** Of the one that is longest so: since when, in ms, which node, and the reason in its own words. */
  readonly since: number | undefined;
  readonly node: string;
  readonly reason: string | undefined;
}

/** What there is to say of one exporter on one node, beside that it is installed. */
export interface Story {
  readonly node: string;
  readonly role: string;
  /** Undefined when it is about the whole node. */
  readonly exporter: string | undefined;
  readonly why: Why | 'note';
  readonly since: number | undefined;
  readonly reason: string | undefined;
}

/** A cluster whose every node has failed needs no more to be understood; memory is bounded by it. */
const MAX_STORIES = 50;

/** Sorted by urgency, then exporter. */
export function countPending(places: readonly Place[]): readonly Pending[] {
  const stories = places
    .flatMap(storyOf)
    .flatMap(({ exporter, why, ...rest }) =>
      exporter === undefined || why === 'note' ? [] : [{ exporter, why, ...rest }],
    );
  const alike = Map.groupBy(stories.toSorted(byUrgency), ({ exporter, why }) => `${why} ${exporter}`);
  return [...alike.values()].flatMap((some) =>
    some.slice(0, 1).map(({ role: _, ...first }) => ({ ...first, count: some.length })),
  );
}

/** The most urgent ones, and how many more there are. */
export function storiesOf(nodes: readonly (readonly [string, SeenNode])[], places: readonly Place[]) {
  const held = nodes.flatMap(([node, { role, held: reason }]): readonly Story[] =>
    reason === undefined ? [] : [{ node, role, exporter: undefined, why: 'held', since: undefined, reason }],
  );
  const stories = [...held, ...places.flatMap(storyOf)].toSorted(byUrgency);
  return { stories: stories.slice(0, MAX_STORIES), moreStories: Math.max(0, stories.length - MAX_STORIES) };
}

function storyOf({ id, node, exporter, seen: { held, installed, work } }: Place): readonly Story[] {
  const on = { node: id, role: node.role, exporter };
  if (work !== undefined)
    return [{ ...on, why: whyPending(work), since: instant(work.at), reason: held ?? work.reason }];
  if (held !== undefined) return [{ ...on, why: 'held', since: undefined, reason: held }];
  const note = installed?.reason;
  return note === undefined ? [] : [{ ...on, why: 'note', since: instant(installed?.at), reason: note }];
}

const instant = (at: string | undefined): number | undefined => Date.parse(at ?? '') || undefined;

const rank = ({ why }: Story): number => (why === 'note' ? WHYS.length : WHYS.indexOf(why));

function byUrgency(a: Story, b: Story): number {
  const byName = a.node < b.node ? -1 : 1;
  return rank(a) - rank(b) || (a.since ?? Infinity) - (b.since ?? Infinity) || byName;
}
