/** 4,000 short clusters a day: what is used of EMR's quotas, and how soon targets are right. */
import { QUOTAS } from '../sandbox/account/emr-quota.ts';
import type { ClusterId } from '../shared/core/model.ts';
import { MINUTE } from '../test/sim/time.ts';
import { createDay, type Day } from './day.ts';
import { type Figure, report } from './figure.ts';
import { uses } from './quota-use.ts';

const A_DAY = 4000;
const NODES = 20;
const LIFE = 40 * MINUTE;
/** Clusters that are launched in this time count; before it the account fills up, and after it they end. */
const WINDOW = Number(process.env['WINDOW'] ?? 180) * MINUTE;
const FILL = LIFE + 5 * MINUTE;
const MAX_USE = 0.5;

/** What happened to a cluster, in milliseconds since the day began. */
interface Story {
  readonly launchedAt: number;
  /** EMR's events: it runs, it has ended. */
  runs?: number;
  ended?: number;
  /** Its targets are all listed; they are gone. */
  listed?: number;
  withdrawn?: number;
}

async function live(isDelivered: boolean): Promise<{ readonly day: Day; readonly stories: readonly Story[] }> {
  const stories = new Map<ClusterId, Story>();
  const day = createDay('churn', {
    isDelivered,
    onEvent({ 'detail-type': type, detail }, at) {
      const { clusterId, state } = detail as { readonly clusterId: ClusterId; readonly state: string };
      const story = stories.get(clusterId);
      if (story === undefined || type !== 'EMR Cluster State Change') return;
      if (state === 'RUNNING') story.runs ??= at;
      if (state.startsWith('TERMINATED')) story.ended = at;
    },
    onTargets(id, body, at) {
      const story = stories.get(id);
      if (story === undefined) return;
      if (body === undefined) story.withdrawn = at;
      else if (body.split('"targets"').length - 1 === NODES) story.listed ??= at;
    },
  });
  const { clock, account, random, elapsed } = day;
  const launch = (): void => {
    if (elapsed() > FILL + WINDOW) return;
    // As customers come who know nothing of each other.
    clock.after((-Math.log(1 - random.next()) * 24 * 60 * MINUTE) / A_DAY, launch);
    const type = { instanceType: 'm5.xlarge', market: 'ON_DEMAND' } as const;
    const groups = [
      { role: 'MASTER', ...type, count: 1 },
      { role: 'CORE', ...type, count: NODES - 1 },
    ] as const;
    const id = account.emr.launch({ name: 'etl', tags: { Project: 'Etl' }, groups });
    stories.set(id, { launchedAt: elapsed() });
    clock.after(LIFE, () => account.emr.terminate(id, 'ALL_STEPS_COMPLETED'));
  };
  clock.after(0, launch);
  for (const end = FILL + WINDOW + LIFE + 10 * MINUTE; elapsed() < end;) await clock.advance(MINUTE);
  const measured = [...stories.values()].filter(({ launchedAt }) => launchedAt > FILL);
  return { day, stories: measured };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const shareOf = <T>(all: readonly T[], is: (one: T) => boolean): number => all.filter(is).length / all.length;

const NEVER = Infinity;
/** Of both ends of its life the slower one. */
const delay = ({ runs = 0, listed = NEVER, ended = 0, withdrawn = NEVER }: Story): number =>
  Math.max(listed - runs, withdrawn - ended);
const sweepsBetween = ({ sweeps }: Day, event = 0, right = NEVER): number =>
  sweeps.filter((at) => at > event && at <= right).length;
const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? NEVER;

function figures(heard: Awaited<ReturnType<typeof live>>, deaf: Awaited<ReturnType<typeof live>>): readonly Figure[] {
  const used = uses(heard.day.calls, QUOTAS).toSorted((a, b) => b.share - a.share);
  const most = used[0]?.share ?? 0;
  const delays = heard.stories.map(delay);
  const [soon, later] = [90_000, 180_000].map((limit) => shareOf(delays, (ms) => ms <= limit)) as [number, number];
  const swept = deaf.stories.map(({ runs, listed, ended, withdrawn }) =>
    Math.max(sweepsBetween(deaf.day, runs, listed), sweepsBetween(deaf.day, ended, withdrawn)),
  );
  const usedDeaf = Math.max(...uses(deaf.day.calls, QUOTAS).map(({ share }) => share));
  const within3 = shareOf(swept, (sweeps) => sweeps <= 3);
  const s = (ms: number): string => `${(ms / 1000).toFixed(0)} s`;
  return [
    {
      figure: `${A_DAY} clusters a day: the most of an EMR quota in any minute`,
      bar: `≤ ${percent(MAX_USE)}`,
      measured: `${percent(most)} (${used.map(({ operation, share }) => `${operation} ${percent(share)}`).join(', ')}; all events lost: ${percent(usedDeaf)})`,
      met: Math.max(most, usedDeaf) <= MAX_USE,
    },
    {
      figure: '… clusters whose targets were right within 90 s of each event',
      bar: '≥ 95 %',
      measured: `${percent(soon)} of ${delays.length} (median ${s(quantile(delays, 0.5))}, 95 % ${s(quantile(delays, 0.95))})`,
      met: soon >= 0.95,
    },
    {
      figure: '… within 3 minutes',
      bar: '100 %',
      measured: `${percent(later)} (the slowest ${s(Math.max(...delays))})`,
      met: later === 1,
    },
    {
      figure: '… all events lost: within 3 sweeps',
      bar: '≥ 95 %',
      measured: `${percent(within3)} of ${swept.length} (at most ${Math.max(...swept)} sweeps)`,
      met: within3 >= 0.95,
    },
  ];
}

report(figures(await live(true), await live(false)));
