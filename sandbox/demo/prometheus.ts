import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Prometheus as Build } from '../../scripts/prepare/prepare-prometheus.ts';
import { type Child, startChild } from './child.ts';
import { type Overrides, writeConfig } from './prometheus-config.ts';
import { untilReady } from './until-ready.ts';

export interface ActiveTarget {
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
}

export interface Prometheus extends Child {
  readonly url: string;
  /** Those of EMR's nodes. */
  readonly targets: () => Promise<readonly ActiveTarget[]>;
}

const INTERVAL = 5;

/** A real Prometheus with the shipped configuration and rules. Its page is on `listen` (`host:port`). */
export async function startPrometheus(options: {
  readonly build: Build;
  readonly home: string;
  readonly targets: string;
  readonly content: string;
  readonly listen: string;
  /** Of what runs beside it. */
  readonly addresses: Overrides['addresses'];
  readonly onExit: (code: number | null) => void;
}): Promise<Prometheus> {
  const { build, home, targets, content, listen, addresses, onExit } = options;
  const folder = join(home, 'prometheus');
  await mkdir(folder);
  const overrides = { targets, content, addresses: { ...addresses, prometheus: listen }, interval: INTERVAL };
  const config = await writeConfig(folder, overrides);
  const child = startChild(
    [
      build.prometheus,
      ...build.flags,
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${listen}`,
      '--storage.tsdb.retention.time=1d',
      '--web.enable-lifecycle', // for the sidecar
    ],
    { env: {}, log: join(home, 'prometheus.log'), onExit },
  );
  const url = `http://${listen}`;
  await untilReady('Prometheus', url, join(home, 'prometheus.log'));
  return { ...child, url, targets: () => readTargets(url) };
}

async function readTargets(url: string): Promise<readonly ActiveTarget[]> {
  const response = await fetch(`${url}/api/v1/targets?state=active`);
  const { data } = (await response.json()) as { data: { activeTargets: ActiveTarget[] } };
  return data.activeTargets.filter(({ scrapePool }) => scrapePool.startsWith('emr-'));
}
