import { linkTo } from '../links.ts';
import { NEUTRAL, worseAbove, type Steps } from '../panel.ts';
import type { Row } from '../rows.ts';
import { stat } from '../stat.ts';
import { table } from '../table.ts';
import { cluster, hours, IN_CLUSTERS, market } from './clusters.ts';

const NO_PRICES = 'no prices';
const number = (title: string, description: string, expr: string, unit = 'short', steps: Steps = NEUTRAL) =>
  stat({ title, description, unit, steps, width: 3, queries: [{ expr }], noValue: '–' });
const money = (title: string, description: string, expr: string) =>
  stat({ title, description, unit: 'currencyUSD', width: 3, queries: [{ expr }], noValue: NO_PRICES });

export const now: Row = {
  title: 'Paid for and idle',
  panels: [
    money(
      'Cost an hour',
      'Of the machines, by the prices of prices.csv (docs/prices.md); EMR’s own fee and disks only if these prices have them.',
      `sum(${cluster('cost_usd_per_hour:sum')})`,
    ),
    money(
      'Of that idle',
      'Machines that are given to no container, masters that run none apart.',
      `sum(${cluster('idle_cost_usd_per_hour:sum')})`,
    ),
    money('Cost', 'Within the time shown.', `sum(${hours(cluster('cost_usd_per_hour:sum'))})`),
    number(
      'Machines without a price',
      'prices.csv does not have their type, Region or market: money is too low by them, machines and hours are not.',
      `sum(${cluster('nodes_without_price:sum')})`,
    ),
    number(
      'Machine-hours',
      'Paid for within the time shown, masters too.',
      `sum_over_time(sum(emr_market:nodes:count{${IN_CLUSTERS}})[$__range:5m]) / 12`,
    ),
    number(
      'Idle machine-hours',
      'Within the time shown, given to no container by YARN, masters that run none apart: Fleet’s machines nobody uses, in hours.',
      `sum(${hours(cluster('nodes_idle:sum'))})`,
      'short',
    ),
    number(
      'Wasted machine-hours',
      'Within the time shown, given to containers whose CPU did nothing.',
      `sum(${hours(cluster('nodes_wasted:sum'))})`,
    ),
    number(
      'Idle clusters',
      'Without application, pending container and CPU to speak of, now.',
      `sum(${cluster('idle:bool')})`,
      'short',
      worseAbove(1, 5),
    ),
    table({
      title: 'What to do',
      description:
        'From rules that docs/cost-and-idle.md has in words, of the last 6 hours: so nothing in the first 6. Machines: how many it is about.',
      height: 8,
      key: ['cluster_id', 'cluster_role', 'instance_type', 'recommendation'],
      rows: `emr_cluster:recommendation:nodes{${IN_CLUSTERS}}`,
      labels: [
        {
          label: 'cluster_name',
          title: 'Cluster',
          width: 200,
          link: linkTo('cluster', 'The cluster', { cluster_id: 'cluster_id' }),
        },
        { label: 'cluster_id', title: 'Id', width: 150 },
        { label: 'cluster_role', title: 'Role', width: 90 },
        { label: 'instance_type', title: 'Type', width: 120 },
        { label: 'recommendation', title: 'Recommendation' },
      ],
      values: [{ title: 'Machines', expr: `emr_cluster:recommendation:nodes{${IN_CLUSTERS}}`, width: 100 }],
      sortBy: 'Machines',
    }),
    table({
      title: 'Machines by cluster, role and market',
      description:
        'Idle and wasted as shares of machines now, hours within the time shown. A dash: no price, or no NodeManager on these.',
      height: 10,
      key: ['cluster_id', 'cluster_role', 'market', 'instance_type'],
      rows: `emr_market:nodes:count{${IN_CLUSTERS}}`,
      labels: [
        {
          label: 'cluster_name',
          title: 'Cluster',
          link: linkTo('cluster', 'The cluster', { cluster_id: 'cluster_id' }),
        },
        { label: 'cluster_id', title: 'Id' },
        { label: 'cluster_role', title: 'Role' },
        { label: 'market', title: 'Market' },
        { label: 'instance_type', title: 'Type' },
      ],
      values: [
        { title: 'Machines', expr: `emr_market:nodes:count{${IN_CLUSTERS}}` },
        {
          title: 'Idle',
          expr: `${market('nodes_idle')} / emr_market:nodes:count{${IN_CLUSTERS}}`,
          unit: 'percentunit',
          bar: true,
        },
        {
          title: 'Wasted',
          expr: `${market('nodes_wasted')} / emr_market:nodes:count{${IN_CLUSTERS}}`,
          unit: 'percentunit',
          bar: true,
        },
        { title: 'Idle hours', expr: hours(market('nodes_idle')), decimals: 1 },
        { title: 'Wasted hours', expr: hours(market('nodes_wasted')), decimals: 1 },
        { title: 'Idle vcore-hours', expr: hours(market('vcores_idle')), decimals: 0 },
        { title: 'Wasted vcore-hours', expr: hours(market('vcores_wasted')), decimals: 0 },
        { title: 'Idle GiB-hours', expr: `${hours(market('memory_idle_bytes'))} / 2^30`, decimals: 0 },
        { title: 'Wasted GiB-hours', expr: `${hours(market('memory_wasted_bytes'))} / 2^30`, decimals: 0 },
        { title: 'USD an hour', expr: market('cost_usd_per_hour'), unit: 'currencyUSD' },
        { title: 'Of that idle', expr: market('idle_cost_usd_per_hour'), unit: 'currencyUSD' },
      ],
      sortBy: 'Idle hours',
    }),
  ],
};
