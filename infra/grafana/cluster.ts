import { now } from './cluster/now.ts';
import { overTime } from './cluster/over-time.ts';
import { work } from './cluster/work.ts';
import { dashboard } from './dashboard.ts';
import { OF_CLUSTER } from './variables.ts';

export const cluster = dashboard({
  name: 'cluster',
  title: 'EMR / Cluster',
  description: 'One cluster at a glance: is it well, is it busy, is it too large.',
  variables: OF_CLUSTER,
  rows: [now, overTime, work],
});
