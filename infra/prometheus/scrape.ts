import type { CatalogueEntry } from '../../shared/core/catalogue.ts';
import type { Monitoring } from '../../shared/core/monitoring.ts';

const MAX_SAMPLES = 10_000;
/** Prometheus's own default; a shorter interval has a shorter one, for it may not be longer. */
const TIMEOUT_S = 10;

interface Pool {
  readonly name: string;
  readonly interval: string;
  readonly maxSamples: number;
  /** Of the label `job`. */
  readonly jobs: { readonly action: 'keep' | 'drop'; readonly regex: string };
}

/**
 * infra/prometheus/scrape.yml, for `scrape_config_files`: one pool for each exporter, for limits are of a pool and not of
 * a target, and one for those that this monitoring.yml does not know. All read the same files, which Prometheus reads once.
 */
export function renderScrapeConfigs({ exporters }: Monitoring, catalogue: readonly CatalogueEntry[]): string {
  const names = catalogue.map(({ name }) => name).toSorted();
  const known = catalogue.map(({ name, maxSamples = MAX_SAMPLES }): Pool => {
    const interval = exporters[name]?.scrapeInterval ?? '15s';
    return { name, interval, maxSamples, jobs: { action: 'keep', regex: name } };
  });
  const other = { name: 'other', interval: '15s', maxSamples: MAX_SAMPLES } as const;
  const pools = [
    ...known.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    { ...other, jobs: { action: 'drop', regex: names.join('|') } as const },
  ];
  return HEAD + pools.map(renderPool).join('') + SIDECAR;
}

const HEAD = `# Made of monitoring.yml by \`npm run config -- --write\`: scrape intervals are changed there. docs/prometheus.md
# Every label of a target, job among them, is in its target file; nothing here asks AWS for anything.
scrape_configs:
`;

const SIDECAR = `  - job_name: prometheus-on-emr-sidecar
    scrape_interval: 15s
    scrape_timeout: 10s
    honor_labels: true # what it says of a node has that node's instance, and that cluster's region
    static_configs:
      - targets: [127.0.0.1:9199]
`;

/** `up` is 1 of a target that answered itself, with a whole page, in time, and with no more than it may have. */
const renderPool = ({ name, interval, maxSamples, jobs }: Pool): string => `  - job_name: emr-${name}
    scrape_interval: ${interval}
    scrape_timeout: ${Math.min(TIMEOUT_S, Number.parseInt(interval, 10))}s
    follow_redirects: false # a target must not make Prometheus ask another host, nor that one answer for it
    honor_timestamps: false # a node whose clock is wrong must not date its samples
    sample_limit: ${maxSamples} # a target over a limit is down, and loses nothing but its own page
    label_limit: 64
    label_name_length_limit: 200
    label_value_length_limit: 2048 # a tag's 256 characters can have 1,024 bytes
    body_size_limit: 32MB
    keep_dropped_targets: 1 # those of the other pools are not of interest here
    file_sd_configs:
      - files: [/var/lib/prometheus-on-emr/targets/*.json]
    relabel_configs:
      - source_labels: [job]
        action: ${jobs.action}
        regex: ${jobs.regex}
`;
