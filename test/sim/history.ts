import type { EndReason, GroupRequest, LaunchSpec } from '../../sandbox/account/emr-model.ts';
import type { Wish } from './deployment.ts';
import type { Random } from './random.ts';
import { CALM, MINUTE, SECOND } from './time.ts';

/** One thing that a customer, EC2 or an operator does. `which` (0 to 1) picks among what is there then. */
export type Deed =
  | { readonly kind: 'launch'; readonly cluster: number; readonly spec: LaunchSpec }
  | { readonly kind: 'resize'; readonly cluster: number; readonly which: number; readonly count: number }
  | { readonly kind: 'terminate'; readonly cluster: number; readonly reason: EndReason }
  | { readonly kind: 'tag'; readonly cluster: number; readonly tags: Readonly<Record<string, string>> }
  | {
      readonly kind: 'lose' | 'lose for good' | 'spot' | 'unhealthy' | 'rebootstrap' | 'reconfigure';
      readonly cluster: number;
      readonly which: number;
    }
  /** EMR tells of a shortage every few seconds. */
  | { readonly kind: 'storm'; readonly which: number }
  | { readonly kind: 'deploy'; readonly wish: Wish }
  | { readonly kind: 'backfill'; readonly isForced: boolean };

interface Step {
  readonly at: number;
  readonly deed: Deed;
}

export interface History {
  readonly wish: Wish;
  readonly steps: readonly Step[];
}

const MASTERS = { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND' } as const;

export function inventHistory(random: Random): History {
  const wish: Wish = {
    node: 1,
    graphite: random.chance(0.5),
    onlyEtl: random.chance(0.3),
    labels: 'service',
    broken: 0,
  };
  const clusters = Array.from({ length: random.between(3, 8) }, (_, n) => life(n, random.fork(`cluster ${n}`)));
  const steps = [
    ...clusters.flat(),
    ...deploys(wish, random.fork('deploys')),
    ...backfills(random.fork('backfills')),
    ...storms(random.fork('storms')),
  ];
  return { wish, steps: steps.filter(({ at }) => at < CALM).toSorted((a, b) => a.at - b.at) };
}

function life(cluster: number, random: Random): readonly Step[] {
  const begin = random.chance(0.6) ? random.between(0, 2 * MINUTE) : random.between(0, CALM - 8 * MINUTE);
  const steps: Step[] = [{ at: begin, deed: { kind: 'launch', cluster, spec: specOf(cluster, random) } }];
  const later = (): number => random.between(begin + 30 * SECOND, CALM);
  for (let n = random.between(0, 5); n > 0; n -= 1) steps.push({ at: later(), deed: change(cluster, random) });
  if (random.chance(0.5)) {
    steps.push({ at: later(), deed: { kind: 'terminate', cluster, reason: 'USER_REQUEST' } });
  }
  return steps;
}

function specOf(cluster: number, random: Random): LaunchSpec {
  const core: GroupRequest = {
    role: 'CORE',
    instanceType: random.pick(['m5.xlarge', 'm6g.xlarge']),
    market: 'ON_DEMAND',
    count: size(random),
  };
  const task: GroupRequest = { role: 'TASK', instanceType: 'c5.xlarge', market: 'SPOT', count: size(random) };
  const groups = [
    { ...MASTERS, count: random.chance(0.1) ? 3 : 1 },
    ...(random.chance(0.7) ? [core] : []),
    ...(random.chance(0.5) ? [task] : []),
  ];
  return {
    name: `etl-${cluster}`,
    tags: tagsOf(random),
    bootstrapFails: random.chance(0.08),
    collection: random.chance(0.3) ? 'INSTANCE_FLEET' : 'INSTANCE_GROUP',
    transient: random.chance(0.1),
    groups,
  };
}

const tagsOf = (random: Random): Readonly<Record<string, string>> => ({
  Project: random.pick(['Etl', 'Etl', 'Web']),
  Service: random.pick(['Batch', 'Nightly']),
  ...(random.chance(0.5) && { Team: 'Data' }),
});

/** Mostly a few nodes, at times as many as make 40 with the rest. */
const size = (random: Random): number => (random.chance(0.06) ? random.between(6, 18) : random.between(1, 4));

const CHANGES = [
  'lose',
  'lose for good',
  'spot',
  'unhealthy',
  'rebootstrap',
  'reconfigure',
  'tag',
  'resize',
  'resize',
] as const;

function change(cluster: number, random: Random): Deed {
  const which = random.next();
  const kind = random.pick(CHANGES);
  switch (kind) {
    case 'resize':
      return { kind, cluster, which, count: size(random) };
    case 'tag':
      return { kind, cluster, tags: tagsOf(random) };
    default:
      return { kind, cluster, which };
  }
}

function deploys(first: Wish, random: Random): readonly Step[] {
  const count = random.between(0, 3);
  const times = Array.from({ length: count }, () => random.between(5 * MINUTE, CALM)).toSorted((a, b) => a - b);
  let wish = first;
  return times.map((at) => {
    wish = Object.assign({}, wish, changed(wish, random));
    return { at, deed: { kind: 'deploy', wish } };
  });
}

function changed(wish: Wish, random: Random): Partial<Wish> {
  switch (random.between(0, 5)) {
    case 0:
      return { graphite: !wish.graphite };
    case 1:
      return { onlyEtl: !wish.onlyEtl };
    case 2:
      return { labels: wish.labels === 'service' ? 'project' : 'service' };
    default:
      return { node: wish.node + 1, broken: random.pick([0, 0, 0, 0.5, 0.7, 1]) };
  }
}

const storms = (random: Random): readonly Step[] =>
  random.chance(0.25) ? [{ at: random.between(4 * MINUTE, CALM), deed: { kind: 'storm', which: random.next() } }] : [];

const backfills = (random: Random): readonly Step[] =>
  random.chance(0.3)
    ? [{ at: random.between(10 * MINUTE, CALM), deed: { kind: 'backfill', isForced: random.chance(0.5) } }]
    : [];
