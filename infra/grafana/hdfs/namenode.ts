import { IN_CLUSTER } from '../selectors.ts';

/** Of the cluster: with three masters the NameNodes know the same, and `max` counts it once. */
export const ofNameNode = (name: string): string => `max(hdfs_namenode_${name}{${IN_CLUSTER}})`;

/** What the NameNodes do, all together; a standby does next to nothing. */
export const rateOfNameNode = (name: string): string =>
  `sum(rate(hdfs_namenode_${name}{${IN_CLUSTER}}[$__rate_interval]))`;
