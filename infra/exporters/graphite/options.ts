import type { CatalogueEntry } from '../../../shared/core/catalogue.ts';
import { hours, oneOf, options, toggle } from '../option.ts';

export const entry: CatalogueEntry = {
  name: 'graphite',
  about: "graphite_exporter: the drivers and executors of Spark's applications, which send it their metrics.",
  ports: 9108,
  roles: ['MASTER', 'CORE', 'TASK'],
  options: options({
    tier: oneOf(
      ['essential', 'full'],
      'essential: at most 30 series for each executor and 100 for each driver. full: all there are, some 100 and 150.',
    ),
    applications: toggle(
      true,
      'true: the master tells name, user and queue of each application, from its ResourceManager (not on Kerberos clusters). false: nobody asks for them.',
    ),
    recheck: hours(6, "After how many hours a node is asked again whether our block is in Spark's metrics.properties"),
  }),
  parameters: ({ ports, options: { tier, applications } }) => ({
    Port: String(ports['graphite']),
    Tier: String(tier),
    Applications: String(applications),
  }),
  needs: () => ['amd64', 'arm64'],
  recheck: ({ recheck }) => Number(recheck),
  // A hundred executors with all metrics have some 11,000; the watcher ends an exporter that has 63,000.
  maxSamples: 30_000,
  explain: ({ tier, applications, recheck }) =>
    `${tier === 'full' ? 'all metrics' : 'the essential metrics'} of Spark applications that start from then on, ${applications === true ? 'with their names' : 'without their names'}; nodes are looked at again every ${String(recheck)} h`,
};
