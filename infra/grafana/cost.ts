import { OF_CLUSTERS } from './cost/clusters.ts';
import { now } from './cost/now.ts';
import { money, overTime, spot, waste } from './cost/over-time.ts';
import { dashboard } from './dashboard.ts';

export const cost = dashboard({
  name: 'cost',
  title: 'EMR / Cost and idle',
  description:
    'Machines that are paid for, and what for, of all clusters or of some: what could go, and what it would save.',
  variables: OF_CLUSTERS,
  rows: [now, overTime, waste, spot, money],
  from: 'now-24h',
});
