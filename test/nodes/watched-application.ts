import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { ask } from './run-document.ts';

/** An executor, as far as the port sees one: a new connection each second, `runTime` is when it was sent. */
const EXECUTOR = `while sleep 1; do
  NOW=$(date +%s); { printf "good.1.jvm.heap.used 7 $NOW\\ngood.1.executor.runTime.count $NOW $NOW\\n" >/dev/tcp/127.0.0.1/9109; } 2>/dev/null
done`;

/** For what hangs. */
const HANG_MS = 120_000;

export interface Seen {
  readonly page: string;
  readonly took: number;
}

/** What Prometheus sees of an application that sends to the graphite_exporter of its node. */
export interface WatchedApplication {
  /** The node's clock, seconds. */
  now(): Promise<number>;
  /** Sends this to the port and hangs up. */
  send(lines: Buffer | string): Promise<void>;
  /** The first page with a sample that was sent after this time, and how many milliseconds it took. */
  back(after: number): Promise<Seen>;
  /** The first such page of another process than that of this page: the watcher comes every five seconds. */
  restart(before: Seen): Promise<Seen>;
}

export async function watchApplication(node: SandboxNode): Promise<WatchedApplication> {
  await writeFile(join(node.root, 'root/spark.sh'), EXECUTOR);
  await ask(node, 'systemd-run --quiet --unit stand-in-spark bash /root/spark.sh');

  async function back(after: number): Promise<Seen> {
    const began = performance.now();
    for (;;) {
      const page = await scrape(node);
      if (page !== undefined && sentAt(page) > after) return { page, took: performance.now() - began };
      if (performance.now() - began > HANG_MS) throw new Error(`the series are not back after ${HANG_MS / 1000} s`);
      await sleep(200);
    }
  }
  return {
    now: async () => Number(await ask(node, 'date +%s')),
    async send(lines) {
      await writeFile(join(node.root, 'root/lines'), lines);
      await ask(node, 'cat /root/lines >/dev/tcp/127.0.0.1/9109 || :');
    },
    back,
    async restart(before) {
      for (;;) {
        const seen = await back(0);
        if (startOf(seen) !== startOf(before)) return seen;
      }
    },
  };
}

/** What Prometheus gets: the page, or undefined where `up` would be 0. */
async function scrape({ address }: SandboxNode): Promise<string | undefined> {
  try {
    const response = await fetch(`http://${address}:9108/metrics`, { signal: AbortSignal.timeout(10_000) });
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined;
  }
}

const numberOf = (page: string, series: RegExp): number =>
  Number(new RegExp(`^(?:${series.source}) (.*)$`, 'm').exec(page)?.[1]);

const sentAt = (page: string): number =>
  Math.round(numberOf(page, /spark_executor_run_seconds_total\{application_id="good",executor_id="1"\}/) * 1_000);

/** Seconds of a processor that the process of both pages has had between them. */
export const spent = (before: Seen, after: Seen): number => cpuOf(after) - cpuOf(before);

const cpuOf = ({ page }: Seen): number => numberOf(page, /process_cpu_seconds_total/);

/** When the process of that page started: restarts are counted by it. */
export const startOf = ({ page }: Seen): number => numberOf(page, /process_start_time_seconds/);
