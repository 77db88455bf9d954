import { ALL, asked, clusterName, datasource, tidy } from '../variables.ts';

/** Several clusters or all: money is looked at for all of them first. */
const clusterIds = tidy(
  asked('cluster_id', 'Cluster', 'label_values(up{cluster_id!="", cluster_name=~"$cluster_name"}, cluster_id)')
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current(ALL)
    .build(),
);

export const OF_CLUSTERS = [datasource, clusterName, clusterIds] as const;

export const IN_CLUSTERS = 'cluster_name=~"$cluster_name", cluster_id=~"$cluster_id"';

/** Recorded once a minute: their sum over a time, in hours. */
export const hours = (selector: string): string => `sum_over_time(${selector}[$__range]) / 60`;

export const market = (name: string): string => `emr_market:${name}:sum{${IN_CLUSTERS}}`;
/** A cluster cannot do without its masters: what they leave idle is no number to act on. */
export const workers = (name: string): string => `emr_market:${name}:sum{${IN_CLUSTERS}, cluster_role!="MASTER"}`;
export const cluster = (name: string): string => `emr_cluster:${name}{${IN_CLUSTERS}}`;
