import { readFile } from 'node:fs/promises';

/** A path as GraphiteReporter sent it, and one of its values. */
export interface Sent {
  readonly path: string;
  readonly value: string;
}

const APPLICATION = 'application_1700000000000_0001';
const EXECUTOR = '1';

/**
 * What real Spark sent in a run with shuffle, spill, cache, failing tasks, Hive, streaming queries, a DStream and dynamic
 * allocation on a standalone cluster. APP stands for an application's id, N for an executor's, UUID for a query's.
 */
export async function readRecording(version: string): Promise<readonly Sent[]> {
  const text = await readFile(`test/infra/exporters/spark-paths/recorded/${version}.txt`, 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [path = '', value = ''] = line.split(' ');
      const whole = path
        .replace(/^APP\.N\./, `${APPLICATION}.${EXECUTOR}.`)
        .replace(/^APP\./, `${APPLICATION}.`)
        .replace('UUID', '0c8d1f2e-54c8-4bb1-9b5b-4e0a5d1b6a77');
      return { path: whole, value };
    });
}

/** What the application master of YARN sends besides (ApplicationMasterSource.scala): none was recorded. */
export const ofApplicationMaster: readonly Sent[] = [
  'numExecutorsFailed',
  'numExecutorsRunning',
  'numReleasedContainers',
  'numLocalityAwareTasks',
  'numContainersPendingAllocate',
].map((name) => ({ path: `${APPLICATION}.applicationMaster.${name}`, value: '2' }));

const STATISTIC = /\.(count|max|mean|min|stddev|p\d+|m\d+_rate|mean_rate)$/;
/** A gauge's name may end like a statistic. */
const isGauge = (path: string): boolean => /^[^.]+\.[^.]+\.jvm\./.test(path);

/** The name of a metric, against which Spark holds the sink's regular expression. */
export const nameOf = ({ path }: Sent): string => (isGauge(path) ? path : path.replace(STATISTIC, ''));

export const lineOf = ({ path, value }: Sent, time = 1_700_000_000): string => `${path} ${value} ${time}`;
