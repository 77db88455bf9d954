import { dashboard } from './dashboard.ts';
import { clusters } from './fleet/clusters.ts';
import { now } from './fleet/now.ts';
import { more, overTime } from './fleet/over-time.ts';
import { datasource } from './variables.ts';

export const fleet = dashboard({
  name: 'fleet',
  title: 'EMR / Fleet',
  description: 'Every cluster in one table: which is sick, which is full, which is paid for and idle. Start here.',
  variables: [datasource],
  rows: [now, clusters, overTime, more],
});
