import { functions } from './automation/functions.ts';
import { now } from './automation/now.ts';
import { clusters, prometheus, sidecar } from './automation/sidecar.ts';
import { CLOUDWATCH_VARIABLES } from './cloudwatch.ts';
import { dashboard } from './dashboard.ts';
import { datasource } from './variables.ts';

export const automation = dashboard({
  name: 'automation',
  title: 'EMR / Automation itself',
  description:
    'Does the automation do its work: exporters on all nodes, targets on disk, the sidecar and the functions behind them.',
  variables: [datasource, ...CLOUDWATCH_VARIABLES],
  rows: [now, clusters, sidecar, prometheus, functions],
});
