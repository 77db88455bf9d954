import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from './query.ts';

/** The SDK writes what only other kinds of variables have. */
export const tidy = ({ auto: _auto, auto_min: _min, auto_count: _count, ...variable }: VariableModel): VariableModel =>
  variable;

export const ALL = { selected: true, text: 'All', value: '$__all' };

/** A variable whose values Prometheus knows. */
export const asked = (name: string, label: string, query: string): QueryVariableBuilder =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc);

export const datasource: VariableModel = tidy(
  new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus').build(),
);

/** With "All", so that a link that only knows a cluster's id finds it among the ids. */
export const clusterName: VariableModel = tidy(
  asked('cluster_name', 'Cluster name', 'label_values(up{cluster_id!=""}, cluster_name)')
    .includeAll(true)
    .allValue('.*')
    .current(ALL)
    .build(),
);

const clusterId: VariableModel = tidy(
  asked('cluster_id', 'Cluster', 'label_values(up{cluster_id!="", cluster_name=~"$cluster_name"}, cluster_id)').build(),
);

const clusterRole: VariableModel = tidy(
  asked('cluster_role', 'Role', 'label_values(up{cluster_id="$cluster_id"}, cluster_role)')
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current(ALL)
    .build(),
);

/** The value is the EC2 id, the text the name that YARN's logs have; nodes that left while the time shown are there too. */
const instance: VariableModel = tidy(
  asked(
    'instance',
    'Node',
    'query_result(max by (instance, node_name) (last_over_time(emr_node:up:max{cluster_id="$cluster_id", cluster_role=~"$cluster_role"}[$__range])))',
  )
    .regex('/instance="(?<value>[^"]+)",node_name="(?<text>[^"]+)"/')
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current(ALL)
    .build(),
);

export const daemon: VariableModel = tidy(
  asked('daemon', 'Daemon', 'label_values(up{cluster_id="$cluster_id", job="jmx"}, daemon)')
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current(ALL)
    .build(),
);

/** For a dashboard of one cluster. */
export const OF_CLUSTER = [datasource, clusterName, clusterId] as const;

/** For a dashboard of the nodes of one cluster. */
export const OF_NODES = [...OF_CLUSTER, clusterRole, instance] as const;
