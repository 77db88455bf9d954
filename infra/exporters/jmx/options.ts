import type { CatalogueEntry } from '../../../shared/core/catalogue.ts';
import { hours, oneOf, options } from '../option.ts';
import { daemons } from './daemons.ts';

export const entry: CatalogueEntry = {
  name: 'jmx',
  about: 'jmx_exporter: the Hadoop daemons of every node; which, the node finds out itself.',
  ports: Object.fromEntries(daemons.map(({ name, port }) => [name, port])),
  roles: ['MASTER', 'CORE', 'TASK'],
  labels: ['daemon'],
  options: options({
    mode: oneOf(
      ['connector', 'agent'],
      'connector: in a JVM of its own, over the local management connector of daemons that run; nothing is restarted. agent: in the daemons themselves, from their own next start on.',
    ),
    recheck: hours(6, 'After how many hours a node is asked again which daemons run there'),
  }),
  parameters: ({ ports, options: { mode } }) => ({
    Mode: String(mode),
    Ports: Object.entries(ports)
      .map((pair) => pair.join('='))
      .toSorted()
      .join(','),
  }),
  needs: ({ mode }) => [mode === 'agent' ? 'agent' : 'standalone'],
  recheck: ({ recheck }) => Number(recheck),
  // The fullest, a ResourceManager with 50 queues, has some 1,400.
  maxSamples: 5_000,
  explain: ({ mode, recheck }) =>
    `${mode === 'agent' ? 'in the daemons themselves from their own next start on' : 'beside the daemons, which are not restarted'}; nodes are asked again every ${String(recheck)} h which daemons run`,
};
