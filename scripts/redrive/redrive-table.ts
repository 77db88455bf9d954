import { span } from '../../shared/core/span.ts';
import type { Redriven, RedriveMode, Sorted } from './redrive-run.ts';
import { counted, textTable } from '../text-table.ts';

const MOST_SHOWN = 50;

/** What was put back, by cluster, and below it what names none. */
export function renderRedriven({ named, nameless, problem }: Redriven, mode: RedriveMode, now: Date): string {
  const sections = [
    ...(named.length === 0 ? [] : [clusterTable(named, now), summary(named, mode)]),
    ...(nameless.length === 0 ? [] : [letterTable(nameless, now), fate(nameless, mode)]),
    ...(named.length + nameless.length === 0 && problem === undefined ? ['Both dead-letter queues are empty.'] : []),
    ...(problem === undefined ? [] : [`Not everything was dealt with, and what was not is still there: ${problem}`]),
  ];
  return sections.join('\n\n');
}

function clusterTable(letters: readonly Sorted[], now: Date): string {
  const rows = [...Map.groupBy(letters, clusterOf)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([clusterId, own]) => [
      clusterId,
      String(own.length),
      tally(own, ({ from }) => from),
      oldest(own, now),
      errors(own),
    ]);
  return textTable(['CLUSTER', 'MESSAGES', 'FROM', 'OLDEST', 'ERROR'], rows);
}

const clusterOf = ({ about }: Sorted): string => ('clusterId' in about ? about.clusterId : '');

/** `rules: 3, doorbells: 1`. */
const tally = (letters: readonly Sorted[], by: (letter: Sorted) => string): string =>
  [...Map.groupBy(letters, by)].map(([name, own]) => `${name}: ${own.length}`).join(', ');

const errors = (letters: readonly Sorted[]): string =>
  tally(
    letters.filter(({ error }) => error !== undefined),
    ({ error = '' }) => error,
  );

function oldest(letters: readonly Sorted[], now: Date): string {
  const first = Math.min(...letters.map(({ sentAt }) => sentAt.getTime()));
  return `${span(now.getTime() - first)} ago`;
}

function summary(letters: readonly Sorted[], { dryRun }: RedriveMode): string {
  const clusters = new Set(letters.map(clusterOf)).size;
  const done = dryRun ? 'would be put back' : 'put back';
  return `${counted(letters.length, 'message')} ${done} as ${counted(clusters, 'doorbell')}.`;
}

function letterTable(letters: readonly Sorted[], now: Date): string {
  const rows = letters
    .slice(0, MOST_SHOWN)
    .map((letter) => [letter.from, letter.id, oldest([letter], now), 'why' in letter.about ? letter.about.why : '']);
  const more = letters.length > MOST_SHOWN ? [`… and ${letters.length - MOST_SHOWN} more`] : [];
  return [textTable(['FROM', 'MESSAGE', 'SENT', 'NAMES NO CLUSTER'], rows), ...more].join('\n');
}

function fate(letters: readonly Sorted[], { dryRun, discard }: RedriveMode): string {
  const count = counted(letters.length, 'message');
  if (!discard) return `${count} kept: --discard deletes what names no cluster.`;
  return `${count} ${dryRun ? 'would be deleted' : 'deleted'}.`;
}
