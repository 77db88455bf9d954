import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Prometheus as Build } from '../../scripts/prepare/prepare-prometheus.ts';
import { type Child, startChild } from './child.ts';

export interface ActiveTarget {
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapeUrl: string;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
}

export interface Prometheus extends Child {
  readonly url: string;
  readonly targets: () => Promise<readonly ActiveTarget[]>;
}

/** A real Prometheus that watches one folder of target files. Its page is on `listen` (`host:port`). */
export async function startPrometheus(options: {
  readonly build: Build;
  readonly home: string;
  readonly targets: string;
  readonly listen: string;
  readonly onExit: (code: number | null) => void;
}): Promise<Prometheus> {
  const config = join(options.home, 'prometheus.yml');
  await writeFile(config, renderConfig(options.targets));
  const child = startChild(
    [
      options.build.prometheus,
      ...options.build.flags,
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(options.home, 'data')}`,
      `--web.listen-address=${options.listen}`,
      '--storage.tsdb.retention.time=1d',
    ],
    { env: {}, log: join(options.home, 'prometheus.log'), onExit: options.onExit },
  );
  const url = `http://${options.listen}`;
  const isReady = () =>
    fetch(`${url}/-/ready`)
      .then(({ ok }) => ok)
      .catch(() => false);
  const deadline = Date.now() + 30_000;
  while (!(await isReady())) {
    if (Date.now() > deadline)
      throw new Error(`Prometheus is not ready after 30 s: see ${options.home}/prometheus.log`);
    await new Promise((done) => setTimeout(done, 100));
  }
  return { ...child, url, targets: () => readTargets(url) };
}

/** The labels of a target come from its file, `job` included. */
const renderConfig = (targets: string): string => `global:
  scrape_interval: 5s
  scrape_timeout: 4s
scrape_configs:
  - job_name: emr
    follow_redirects: false
    file_sd_configs:
      - files: ['${targets}/*.json']
`;

async function readTargets(url: string): Promise<readonly ActiveTarget[]> {
  const response = await fetch(`${url}/api/v1/targets?state=active`);
  const { data } = (await response.json()) as { data: { activeTargets: ActiveTarget[] } };
  return data.activeTargets;
}
