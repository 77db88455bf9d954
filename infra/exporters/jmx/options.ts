import * as z from 'zod/mini';
import type { CatalogueEntry } from '../../../shared/core/catalogue.ts';
import { daemons } from './daemons.ts';

const HOURS = 'a whole number of hours from 1 to 168';

const options = z.strictObject(
  {
    mode: z
      .prefault(z.enum(['connector', 'agent'], { error: 'connector or agent' }), 'connector')
      .check(
        z.describe(
          'connector: in a JVM of its own, over the local management connector of daemons that run; nothing is restarted. agent: in the daemons themselves, from their own next start on.',
        ),
      ),
    recheck: z
      .prefault(z.int({ error: HOURS }).check(z.gte(1, { error: HOURS }), z.lte(168, { error: HOURS })), 6)
      .check(z.describe('After how many hours a node is asked again which daemons run there, 1 to 168.')),
  },
  { error: 'a mapping of options' },
);

export const entry: CatalogueEntry = {
  name: 'jmx',
  about: 'jmx_exporter: the Hadoop daemons of every node; which, the node finds out itself.',
  ports: Object.fromEntries(daemons.map(({ name, port }) => [name, port])),
  roles: ['MASTER', 'CORE', 'TASK'],
  options,
  parameters: ({ ports, options: { mode } }) => ({
    Mode: String(mode),
    Ports: Object.entries(ports)
      .map((pair) => pair.join('='))
      .toSorted()
      .join(','),
  }),
  needs: ({ mode }) => [mode === 'agent' ? 'agent' : 'standalone'],
  recheck: ({ recheck }) => Number(recheck),
  explain: ({ mode, recheck }) =>
    `${mode === 'agent' ? 'in the daemons themselves from their own next start on' : 'beside the daemons, which are not restarted'}; nodes are asked again every ${String(recheck)} h which daemons run`,
};
