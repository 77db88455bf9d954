import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

const SHIPPED = join(import.meta.dirname, '../../infra/prometheus');

/** What another place than the host changes of the shipped configuration, and nothing else does. */
export interface Overrides {
  /** Folders: of target files, and of what the sidecar brings from the bucket. */
  readonly targets: string;
  readonly content: string;
  /** `host:port` of what runs beside it; what is not named does not run. */
  readonly addresses: Readonly<Partial<Record<'prometheus' | 'alertmanager' | 'prometheus-on-emr-sidecar', string>>>;
  /** Seconds between two scrapes, and between two evaluations: nobody wants to watch a demo for minutes. */
  readonly interval: number;
}

interface ScrapeConfig {
  readonly job_name: string;
  readonly file_sd_configs?: readonly unknown[];
}

interface Config {
  readonly global: object;
  readonly scrape_configs: readonly ScrapeConfig[];
}

/** Writes the shipped configuration into this folder; answers the file to start Prometheus with. */
export async function writeConfig(folder: string, overrides: Overrides): Promise<string> {
  const [host, scrape] = [await readShipped('prometheus.yml'), await readShipped('scrape.yml')];
  const { alertmanager } = overrides.addresses;
  const alertmanagers = alertmanager === undefined ? [] : [{ static_configs: [{ targets: [alertmanager] }] }];
  const config = {
    ...host,
    global: { ...host.global, ...pace(overrides), evaluation_interval: `${overrides.interval}s` },
    rule_files: [`${overrides.content}/current/rules/*.yml`],
    alerting: { alertmanagers },
    scrape_configs: host.scrape_configs.flatMap((one) => changed(one, overrides)),
  };
  await writeFile(
    join(folder, 'scrape.yml'),
    stringify({ scrape_configs: scrape.scrape_configs.flatMap((one) => changed(one, overrides)) }),
  );
  const file = join(folder, 'prometheus.yml');
  await writeFile(file, stringify(config));
  return file;
}

const readShipped = async (name: string): Promise<Config> =>
  parse(await readFile(join(SHIPPED, name), 'utf8')) as Config;

const pace = ({ interval }: Overrides) => ({ scrape_interval: `${interval}s`, scrape_timeout: `${interval}s` });

function changed(config: ScrapeConfig, overrides: Overrides): readonly object[] {
  if (config.file_sd_configs !== undefined)
    return [{ ...config, ...pace(overrides), file_sd_configs: [{ files: [`${overrides.targets}/*.json`] }] }];
  const address = Object.entries(overrides.addresses).find(([name]) => name === config.job_name)?.[1];
  return address === undefined ? [] : [{ ...config, static_configs: [{ targets: [address] }] }];
}
