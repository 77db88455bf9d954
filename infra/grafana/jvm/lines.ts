import { highest } from '../highest.ts';
import type { Query } from '../query.ts';
import { ON_NODES } from '../selectors.ts';

/** The daemons chosen. */
export const DAEMONS = `${ON_NODES}, daemon=~"$daemon"`;

/** What a line is: one daemon on one node. */
const DAEMON = 'daemon, instance, node_name';

const LEGEND = '{{daemon}} {{node_name}}';

const gauge = (metric: string, more = ''): string => `max by (${DAEMON}) (${metric}{${DAEMONS}${more}})`;

const rateOf = (metric: string, more = ''): string =>
  `sum by (${DAEMON}) (rate(${metric}{${DAEMONS}${more}}[$__rate_interval]))`;

const mostOf = (metric: string, more = ''): string => `max_over_time(${metric}{${DAEMONS}${more}}[$__range] @ end())`;

const mostRateOf = (metric: string, more = ''): string => `rate(${metric}{${DAEMONS}${more}}[$__range] @ end())`;

/** A line for each of the twenty daemons where it was highest. */
export const perDaemon = (metric: string, more = ''): readonly Query[] => [
  { expr: highest(DAEMON, gauge(metric, more), mostOf(metric, more)), legend: LEGEND },
];

/** A line for each of the twenty daemons that did most of it. */
export const ratePerDaemon = (metric: string, more = ''): readonly Query[] => [
  { expr: highest(DAEMON, rateOf(metric, more), mostRateOf(metric, more)), legend: LEGEND },
];

/** A share of two gauges, ranked by the first. */
export const sharePerDaemon = (part: string, whole: string, more = ''): readonly Query[] => [
  {
    expr: highest(DAEMON, `${gauge(part, more)} / (${gauge(whole, more)} > 0)`, mostOf(part, more)),
    legend: LEGEND,
  },
];

/** RPC has a line for each port besides. */
const PORT = `${DAEMON}, port`;
const PORT_LEGEND = '{{daemon}} {{port}} {{node_name}}';

export const perPort = (metric: string): readonly Query[] => [
  { expr: highest(PORT, `max by (${PORT}) (${metric}{${DAEMONS}})`, mostOf(metric)), legend: PORT_LEGEND },
];

export const ratePerPort = (metric: string, more = ''): readonly Query[] => [
  {
    expr: highest(
      PORT,
      `sum by (${PORT}) (rate(${metric}{${DAEMONS}${more}}[$__rate_interval]))`,
      mostRateOf(metric, more),
    ),
    legend: PORT_LEGEND,
  },
];
