import * as z from 'zod/mini';
import type { CatalogueEntry } from '../../../shared/core/catalogue.ts';

const HOURS = 'a whole number of hours from 1 to 168';

const options = z.strictObject(
  {
    tier: z
      .prefault(z.enum(['essential', 'full'], { error: 'essential or full' }), 'essential')
      .check(
        z.describe(
          'essential: at most 30 series for each executor and 100 for each driver. full: all there are, some 100 and 250.',
        ),
      ),
    applications: z
      .prefault(z.boolean({ error: 'true or false' }), true)
      .check(
        z.describe(
          'true: the master tells name, user and queue of each application, from its ResourceManager (not on Kerberos clusters). false: nobody asks for them.',
        ),
      ),
    recheck: z
      .prefault(z.int({ error: HOURS }).check(z.gte(1, { error: HOURS }), z.lte(168, { error: HOURS })), 6)
      .check(
        z.describe("After how many hours a node is looked at again: is our block still in Spark's metrics.properties?"),
      ),
  },
  { error: 'a mapping of options' },
);

export const entry: CatalogueEntry = {
  name: 'graphite',
  about: "graphite_exporter: the drivers and executors of Spark's applications, which send it their metrics.",
  ports: 9108,
  roles: ['MASTER', 'CORE', 'TASK'],
  options,
  parameters: ({ ports, options: { tier, applications } }) => ({
    Port: String(ports['graphite']),
    Tier: String(tier),
    Applications: String(applications),
  }),
  needs: () => ['amd64', 'arm64'],
  recheck: ({ recheck }) => Number(recheck),
  explain: ({ tier, applications, recheck }) =>
    `${tier === 'full' ? 'all metrics' : 'the essential metrics'} of Spark applications that start from then on, ${applications === true ? 'with their names' : 'without their names'}; nodes are looked at again every ${String(recheck)} h`,
};
