/** What the packaged sweep costs when nothing has changed in 500 clusters of 20 nodes. */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagedStack } from '../scripts/package/packaged-stack.ts';
import type { Settings } from '../shared/core/settings.ts';
import { CLUSTERS } from './big-fleet.ts';
import { type Figure, median, report, seconds } from './figure.ts';
import { said } from './said.ts';
import type { Spent } from './spent.ts';
import { type BigAccount, startAccount, type Traffic } from './start-account.ts';

const WARM_RUNS = 10;
const MAX_CALLS = 15;
const MAX_CPU_MS = 6000;
const MAX_MB = 400;
/** V8 takes what it is given: with Lambda's heap for this much memory the figures say whether that is enough. */
const MEMORY_MB = 512;

const LAMBDA = {
  AWS_LAMBDA_FUNCTION_NAME: 'sweep',
  POWERTOOLS_SERVICE_NAME: 'sweep',
  POWERTOOLS_METRICS_NAMESPACE: 'bench',
  STAGE: 'bench',
};

interface Run extends Spent {
  readonly traffic: Traffic;
}

async function sweeps(account: BigAccount, stack: string, settings: Settings): Promise<readonly Run[]> {
  const documents = settings.exporters.flatMap(({ name }) =>
    ['INSTALL', 'UNINSTALL'].map((action) => [`DOCUMENT_${name.toUpperCase()}_${action}`, `${name}-document`] as const),
  );
  const child = fork(join(import.meta.dirname, 'sweep-container.ts'), [join(stack, 'sweep/index.js')], {
    env: { ...account.env, ...Object.fromEntries(documents), ...LAMBDA },
    execArgv: [`--max-old-space-size=${Math.floor(MEMORY_MB * 0.9)}`],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await said(child);
  await account.traffic();
  const runs: Run[] = [];
  for (let run = 0; run <= WARM_RUNS; run += 1) {
    child.send('sweep');
    runs.push({ ...(await said<Spent>(child)), traffic: await account.traffic() });
  }
  child.disconnect();
  return runs;
}

const count = ({ traffic }: Run, isMeant: (name: string) => boolean): number =>
  Object.entries(traffic.calls).reduce((sum, [name, calls]) => sum + (isMeant(name) ? calls : 0), 0);
const isGet = (name: string): boolean => name === 'S3 GetObject';
const listed = ({ traffic }: Run): string =>
  Object.entries(traffic.calls)
    .map(([name, calls]) => `${calls} ${name}`)
    .join(', ');

function figures([cold, ...warm]: readonly Run[]): readonly Figure[] {
  if (cold === undefined) throw new Error('no run');
  const worst = warm.toSorted((a, b) => count(b, () => true) - count(a, () => true))[0] ?? cold;
  const calls = count(worst, () => true);
  const emr = Math.max(...[cold, ...warm].map((run) => count(run, (name) => name.startsWith('ElasticMapReduce'))));
  const cpu = warm.map(({ cpuMs }) => cpuMs);
  const most = Math.max(...cpu);
  const peak = Math.max(...warm.map(({ peakMb }) => peakMb));
  const [gets, others] = [count(cold, isGet), count(cold, (name) => !isGet(name))];
  return [
    {
      figure: 'API calls of a warm sweep, nothing changed, 10,000 nodes in 500 clusters',
      bar: `≤ ${MAX_CALLS}`,
      measured: `${calls} at most of ${WARM_RUNS} (${listed(worst)}; ${(worst.traffic.bytes / 1e6).toFixed(1)} MB)`,
      met: calls <= MAX_CALLS,
    },
    { figure: '… of them to EMR', bar: '0', measured: String(emr), met: emr === 0 },
    {
      figure: '… CPU',
      bar: `≤ ${seconds(MAX_CPU_MS)}`,
      measured: `${(most / 1000).toFixed(2)} s at most (median ${(median(cpu) / 1000).toFixed(2)} s; ${(median(warm.map(({ wallMs }) => wallMs)) / 1000).toFixed(2)} s of wall; cold ${(cold.cpuMs / 1000).toFixed(2)} s of CPU)`,
      met: most <= MAX_CPU_MS,
    },
    {
      figure: '… peak RSS',
      bar: `≤ ${MAX_MB} MB`,
      measured: `${peak.toFixed(0)} MB after ${WARM_RUNS + 1} sweeps (after the cold one ${cold.peakMb.toFixed(0)} MB)`,
      met: peak <= MAX_MB,
    },
    {
      figure: 'API calls of a cold sweep beside one GET for each record',
      bar: `≤ ${MAX_CALLS}`,
      measured: `${others} and ${gets} GETs`,
      met: others <= MAX_CALLS && gets <= CLUSTERS,
    },
  ];
}

const stack = await packagedStack(process.env);
const settingsFile = join(stack, 'sweep/settings.json');
const account = await startAccount('0', settingsFile);
try {
  const settings = JSON.parse(readFileSync(settingsFile, 'utf8')) as Settings;
  report(figures(await sweeps(account, stack, settings)));
} finally {
  await account.stop();
}
