/** Which way to look at EC2 once a minute: all instances, or their tags and those that are leaving (docs/adr/0011). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CLUSTERS, NODES_EACH } from './big-fleet.ts';
import { median, report } from './figure.ts';
import type { Spent } from './spent.ts';
import { startAccount, type BigAccount, type Traffic } from './start-account.ts';

const RUNS = 3;
const LOOKS = 2; // as ec2-look.ts makes: the last one is measured, by then the parser is warm
/** 4,000 clusters of 20 nodes a day: EC2 shows an ended node for about an hour. */
const ENDED_IN_AN_HOUR = 3340;
const MAX_SHARE = 0.5;

interface Way extends Spent {
  readonly traffic: Traffic;
}

/** Not spawnSync: the account's answers have to get through meanwhile. */
async function look(account: BigAccount, way: string, expected: number): Promise<Spent> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'ec2-look.ts'), way, String(expected)], {
    env: account.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`ec2-look.ts ${way} ended with ${code}`);
  return JSON.parse(output) as Spent;
}

async function measure(account: BigAccount, way: string, expected: number): Promise<Way> {
  const runs: Spent[] = [];
  await account.traffic();
  for (let run = 0; run < RUNS; run += 1) runs.push(await look(account, way, expected));
  const { calls, bytes } = await account.traffic();
  const one = (total: number): number => total / RUNS / LOOKS;
  return {
    cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
    wallMs: median(runs.map(({ wallMs }) => wallMs)),
    peakMb: median(runs.map(({ peakMb }) => peakMb)),
    traffic: {
      calls: Object.fromEntries(Object.entries(calls).map(([name, count]) => [name, one(count)])),
      bytes: one(bytes),
    },
  };
}

const said = ({ cpuMs, wallMs, peakMb, traffic: { calls, bytes } }: Way): string => {
  const count = Object.values(calls).reduce((a, b) => a + b, 0);
  return `${(cpuMs / 1000).toFixed(2)} s CPU, ${(wallMs / 1000).toFixed(1)} s, ${peakMb.toFixed(0)} MB, ${count} calls of ${(bytes / 1e6).toFixed(1)} MB`;
};

/** An account with so many nodes that have ended beside the 10,000 that run. */
async function among<T>(ended: number, measures: (account: BigAccount, expected: number) => Promise<T>): Promise<T> {
  const account = await startAccount(String(ended));
  try {
    return await measures(account, CLUSTERS * NODES_EACH + ended);
  } finally {
    await account.stop();
  }
}

const [all, tags] = await among(0, async (account, expected) => [
  await measure(account, 'instances', expected),
  await measure(account, 'tags', expected),
]);
const busy = await among(ENDED_IN_AN_HOUR, (account, expected) => measure(account, 'tags', expected));
const share = (way: Way): number => way.cpuMs / all.cpuMs;
report([
  {
    figure: '10,000 nodes by their tags and those that leave, over all instances: CPU',
    bar: `≤ ${MAX_SHARE} ×`,
    measured: `${share(tags).toFixed(2)} × (medians of ${RUNS}; ${said(tags)}; all instances ${said(all)})`,
    met: share(tags) <= MAX_SHARE,
  },
  {
    figure: `… when ${ENDED_IN_AN_HOUR} have ended in the last hour`,
    bar: `≤ ${MAX_SHARE} ×`,
    measured: `${share(busy).toFixed(2)} × (${said(busy)})`,
    met: share(busy) <= MAX_SHARE,
  },
]);
