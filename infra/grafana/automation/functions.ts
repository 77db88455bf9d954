import { fromCloudWatch, type Metric } from '../cloudwatch.ts';
import type { Row } from '../rows.ts';

const by = (metric: string, statistic: Metric['statistic'], ...dimensions: readonly string[]): Metric => ({
  metric,
  statistic,
  dimensions,
  legend: '',
});
const of = (metric: string, statistic: Metric['statistic'], legend: string): Metric => ({ metric, statistic, legend });
const only = (metric: Metric, words: string): Metric => ({ ...metric, only: words });

/** Those with a quota that is shared with everybody in the account (shared/budget.ts). */
const OF_EMR = ['ListClusters', 'DescribeCluster', 'ListInstances', 'ListInstanceGroups', 'ListInstanceFleets'].map(
  (operation) => `"emr:${operation}"`,
);

export const functions: Row = {
  title: 'Orders, sweep and the budget of EMR’s calls (from CloudWatch: choose a data source above)',
  collapsed: true,
  panels: [
    fromCloudWatch({
      title: 'Orders sent',
      description: 'Runs of an install document on up to 50 nodes, by exporter.',
      metrics: [by('OrdersSent', 'Sum', 'exporter')],
    }),
    fromCloudWatch({
      title: 'Orders ended',
      description: 'Nodes, by exporter and outcome. Failed ones are tried again, six times at most.',
      metrics: [by('OrdersEnded', 'Sum', 'exporter', 'outcome')],
    }),
    fromCloudWatch({
      title: 'Calls to EMR',
      description:
        'A minute, by operation and outcome. At most half of each quota is ours: ListInstances 15, DescribeCluster 30 a minute.',
      metrics: [only(by('AwsCalls', 'Sum', 'operation', 'outcome'), `operation=(${OF_EMR.join(' OR ')})`)],
    }),
    fromCloudWatch({
      title: 'Calls to AWS that were throttled or failed',
      description: 'By operation. Throttled ones are tried again; many: somebody else uses the quota.',
      metrics: [only(by('AwsCalls', 'Sum', 'operation', 'outcome'), 'outcome=("throttled" OR "failed")')],
    }),
    fromCloudWatch({
      title: 'Looks that wait',
      description: 'Clusters that the sweep wants to look at and has no call left for.',
      metrics: [of('SweepBacklog', 'Maximum', 'waiting')],
    }),
    fromCloudWatch({
      title: 'The oldest look that waits',
      description: 'Above some minutes: too many changes for the budget, or somebody else uses EMR’s quota.',
      unit: 's',
      metrics: [of('SweepLag', 'Maximum', 'waits for')],
    }),
    fromCloudWatch({
      title: 'Doorbells put off, lost races, failed looks',
      description:
        'Put-off ones wait for the budget, lost races are tried again. Failed ones want a person when they stay.',
      metrics: [
        of('DoorbellsPutOff', 'Sum', 'put off'),
        of('RacesLost', 'Sum', 'lost races'),
        of('ReconcilesFailed', 'Sum', 'failed'),
        of('ClustersFailing', 'Maximum', 'clusters failing'),
      ],
    }),
    fromCloudWatch({
      title: 'What wants a person',
      description: 'Any of these for long has an alarm and a runbook of its name.',
      metrics: [
        'NodesUnreachable',
        'NodesWithoutArtifacts',
        'NodesGivenUp',
        'NodesPutOff',
        'DeletionsRefused',
        'RecordsUnreadable',
        'RolloutsStopped',
      ].map((metric) => of(metric, 'Maximum', metric)),
    }),
    fromCloudWatch({
      title: 'Rollouts: 1 one node, 2 one of each cluster, 3 the rest, 4 stopped',
      description: 'By exporter. At 4: RolloutStopped’s runbook.',
      metrics: [by('RolloutStage', 'Maximum', 'exporter')],
    }),
    fromCloudWatch({
      title: 'Actions that a policy refused',
      description: 'By policy: limitDeletes, pauseInstalls, dryRun.',
      metrics: [by('ActionsRefused', 'Sum', 'policy')],
    }),
  ],
};
