import { highest } from '../highest.ts';
import type { Query } from '../query.ts';
import { ON_NODES } from '../selectors.ts';

/** What a line is: one node, by the name that YARN's logs use. */
export const NODE = 'instance, node_name';

/** File systems that fill: the root, EMR's own and the data disks; not /boot. */
export const DISKS = 'mountpoint=~"/|/emr|/mnt[0-9]*"';

/** The rate of a counter of the chosen nodes; those of a node's devices together. */
export const rateOf = (metric: string, more = ''): string =>
  `sum by (${NODE}) (rate(${metric}{${ON_NODES}${more}}[$__rate_interval]))`;

const most = (metric: string): string => `rate(${metric}{${ON_NODES}}[$__range] @ end())`;

/** A line for each of the twenty nodes that did most of it. */
export const perNode = (metric: string): readonly Query[] => [
  { expr: highest(NODE, rateOf(metric), most(metric)), legend: '{{node_name}}' },
];

/** A line for each of the twenty nodes where `rankedBy` was highest; a counter is ranked by its rate. */
export const perNodeBy = (expr: string, rank: string): readonly Query[] => [
  { expr: highest(NODE, expr, rank), legend: '{{node_name}}' },
];

/** A share of two rates, none where nothing happens; ranked by the first. */
export const shareOf = (part: string, whole: string): readonly Query[] =>
  perNodeBy(`${rateOf(part)} / (${rateOf(whole)} > 0)`, most(part));
