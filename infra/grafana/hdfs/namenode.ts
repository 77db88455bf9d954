import { IN_CLUSTER } from '../selectors.ts';

/** Of the cluster: with three masters the NameNodes know the same, and `max` counts it once. */
export const ofNameNode = (name: string): string => `max(hdfs_namenode_${name}{${IN_CLUSTER}})`;

/** What the active NameNode does: others do next to nothing, but for the reports of DataNodes, which all of them get. */
export const rateOfNameNode = (name: string): string =>
  `max(rate(hdfs_namenode_${name}{${IN_CLUSTER}}[$__rate_interval]))`;
