import { highest } from '../highest.ts';
import type { Query } from '../query.ts';
import { ON_NODES } from '../selectors.ts';

/** What a line is: one node, by the name that YARN's logs use. */
export const NODE = 'instance, node_name';

/** As alerts have it, whatever exporter somebody has: what a node tells itself is not sent, and would thin out shares. */
export const INTERFACES = ', device!="lo"';

/** The share of a node's CPUs, as recorded. */
export const inCpuMode = (mode: string): string => `emr_node:cpu_mode:ratio_rate5m{${ON_NODES}, mode="${mode}"}`;

/** The rate of a counter of the chosen nodes, those of a node's devices together; `only` as INTERFACES. */
export const rateOf = (metric: string, only = ''): string =>
  `sum by (${NODE}) (rate(${metric}{${ON_NODES}${only}}[$__rate_interval]))`;

const most = (metric: string, only: string): string => `rate(${metric}{${ON_NODES}${only}}[$__range] @ end())`;

/** A line for each of the twenty nodes that did most of it. */
export const perNode = (metric: string, only = ''): readonly Query[] => [
  { expr: highest(NODE, rateOf(metric, only), most(metric, only)), legend: '{{node_name}}' },
];

/** A line for each of the twenty nodes where `rank` was highest; a counter is ranked by its rate. */
export const perNodeBy = (expr: string, rank: string): readonly Query[] => [
  { expr: highest(NODE, expr, rank), legend: '{{node_name}}' },
];

/** A share of two rates, none where nothing happens; ranked by the first. */
export const shareOf = (part: string, whole: string, only = ''): readonly Query[] =>
  perNodeBy(`${rateOf(part, only)} / (${rateOf(whole, only)} > 0)`, most(part, only));
