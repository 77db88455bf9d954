import { dashboard } from './dashboard.ts';
import { OF_NODES } from './variables.ts';
import { inside } from './yarn/inside.ts';
import { nodeManagers, shuffle } from './yarn/nodes.ts';
import { now } from './yarn/now.ts';
import { overview } from './yarn/overview.ts';
import { queue, queues } from './yarn/queues.ts';

export const yarn = dashboard({
  name: 'yarn',
  title: 'EMR / YARN',
  description:
    'Capacity, demand and queues of one cluster: what waits, and why. Role and node choose NodeManagers only, queue the queues.',
  variables: [...OF_NODES, queue],
  rows: [now, overview, queues, nodeManagers, shuffle, inside],
});
