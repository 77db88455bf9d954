import { Counter, Gauge, type Registry } from 'prom-client';
import type { Price } from '../../shared/core/prices.ts';
import type { ContentSet } from './content-folder.ts';

export type ContentMetrics = ReturnType<typeof createContentMetrics>;

const KINDS = ['rules', 'dashboards', 'prices'] as const;

/** Only where content is synced: a gauge that nobody sets would say that it failed since 1970. */
export function createContentMetrics(registry: Registry) {
  const registers = [registry];
  const info = new Gauge({
    name: 'emr_sidecar_content_set_info',
    help: 'The set of rules, dashboards and prices that Prometheus has loaded; always 1.',
    labelNames: ['hash'],
    registers,
  });
  const files = new Gauge({
    name: 'emr_sidecar_content_files',
    help: 'Files of the set that is in use.',
    labelNames: ['kind'],
    registers,
  });
  const price = new Gauge({
    name: 'emr_instance_price_usd_per_hour',
    help: 'What an instance costs by the hour, of prices.csv.',
    labelNames: ['instance_type', 'region', 'market'],
    registers,
  });
  return {
    lastSuccess: new Gauge({
      name: 'emr_sidecar_content_last_success_timestamp_seconds',
      help: 'When what is published was last found to be in use; the start of the sidecar until then.',
      registers,
    }),
    refused: new Gauge({
      name: 'emr_sidecar_content_refused',
      help: '1 while the published set is refused as it is: the one before stays in use.',
      registers,
    }),
    failures: new Counter({
      name: 'emr_sidecar_content_failures_total',
      help: 'Looks at content/ in S3 that failed.',
      labelNames: ['reason'],
      registers,
    }),
    putOff: new Counter({
      name: 'emr_sidecar_content_put_off_total',
      help: 'Looks that left a set alone because it had failed lately; they count as failed, too.',
      registers,
    }),
    loads: new Counter({
      name: 'emr_sidecar_content_loads_total',
      help: 'Sets that Prometheus was made to load, with its answer.',
      labelNames: ['result'],
      registers,
    }),
    inUse(set: ContentSet, prices: readonly Price[]): void {
      info.reset();
      if (set.hash !== undefined) info.set({ hash: set.hash.slice(0, 12) }, 1);
      for (const kind of KINDS) files.set({ kind }, set.files.filter(({ path }) => path.startsWith(kind)).length);
      price.reset();
      for (const { instanceType, region, market, usdPerHour } of prices)
        price.set({ instance_type: instanceType, region, market }, usdPerHour);
    },
  };
}
