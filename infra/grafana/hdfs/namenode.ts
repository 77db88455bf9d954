import { IN_CLUSTER } from '../selectors.ts';

const ACTIVE = `hdfs_namenode_ha_state{${IN_CLUSTER}, state="active"} == 1`;

/**
 * What the active NameNode says, as alerts take it: with three masters a standby may be behind, or starting. While none
 * is active, the highest of what they all say.
 */
export function ofNameNode(name: string): string {
  const said = `hdfs_namenode_${name}{${IN_CLUSTER}}`;
  return `max(${said} and on (instance) ${ACTIVE} or ${said} unless on (cluster_id) ${ACTIVE})`;
}

/** What the active NameNode does: others do next to nothing, but for the reports of DataNodes, which all of them get. */
export const rateOfNameNode = (name: string): string =>
  `max(rate(hdfs_namenode_${name}{${IN_CLUSTER}}[$__rate_interval]))`;
