import { expect, test } from 'vitest';
import type { CommittedPanel } from './committed-files.ts';
import { committedDashboards, panelsOf } from './committed-files.ts';
import { dimensionOf } from './dimension.ts';

test.each([
  ['node_memory_MemTotal_bytes{instance=~"$instance"}', 'bytes'],
  ['sum by (device) (rate(node_disk_read_bytes_total{a="b"}[$__rate_interval]))', 'bytes/seconds'],
  ['increase(spark_executor_spilled_disk_bytes_total[$__range])', 'bytes'],
  ['rate(node_disk_read_time_seconds_total[1m]) / (rate(node_disk_reads_completed_total[1m]) > 0)', 'seconds/things'],
  ['rate(node_disk_io_time_seconds_total[1m]) and on (instance) topk(20, node_load1)', 'share'],
  ['time() - max(emr_cluster_first_seen_timestamp_seconds)', 'seconds'],
  ['1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes', 'share'],
  ['emr_node:cpu_busy:ratio_rate5m', 'share'],
  ['emr_market:nodes_idle:sum / emr_market:nodes:count', 'share'],
  ['emr_application:spark_gc_seconds:sum_rate5m', 'share'],
  ['emr_cluster:yarn_memory_pending_bytes:sum', 'bytes'],
  ['sum(sum_over_time(emr_cluster:cost_usd_per_hour:sum[$__range]) / 60)', 'dollars'],
  ['count(ALERTS{emr!=""}) or 0 * count(emr_cluster:nodes:count)', 'things'],
  ['sum by (job) (1 - up)', 'things'],
  ['topk(20, prometheus_rule_group_last_duration_seconds)', 'seconds'],
  ['time() - max by (alertname) (ALERTS_FOR_STATE{emr!=""})', 'seconds'],
  ['node_memory_MemTotal_bytes / 2 ^ 30', 'bytes'],
  ['(2 / 3 + 1) + node_memory_MemTotal_bytes - 1', 'bytes'],
  ['rate(node_cpu_seconds_total[1m]) + emr_node:cpu_busy:ratio_rate5m', 'share'],
])('%s is of %s', (expr, dimension) => {
  expect(dimensionOf(expr)).toBe(dimension);
});

test.each([
  ['a_seconds + b_bytes', 'seconds and bytes'],
  ['emr_x:y:ratio + b_bytes', 'share and bytes'],
  ['b_bytes - (emr_x:y:ratio + 1)', 'bytes and share'],
  ['time() - up', 'seconds and things'],
])('%s adds what is unlike', (expr, unlike) => {
  expect(() => dimensionOf(expr)).toThrow(unlike);
});

test.each(['b_bytes ^ 2', 'sum((b_bytes / a_seconds) ^ 2)', '2 ^ b_bytes'])('%s has a unit that is refused', (expr) => {
  expect(() => dimensionOf(expr)).toThrow('what ^ makes of a unit is not known here');
});

test.each([
  ['b_bytes % 2', '% 2'],
  ['(b_bytes % 2)', '% 2 )'],
  ['(b_bytes', ''],
])('%s is not understood', (expr, from) => {
  expect(() => dimensionOf(expr)).toThrow(new Error(`not understood from "${from}"`));
});

/** Grafana's names; a number without one is shown as `short` shows it. */
const UNITS: Readonly<Record<string, readonly string[]>> = {
  share: ['percentunit'],
  bytes: ['bytes'],
  'bytes/seconds': ['Bps'],
  'bytes/things': ['bytes'],
  seconds: ['s'],
  'seconds/things': ['s'],
  things: ['short'],
  'things/seconds': ['ops', 'iops', 'pps', 'reqps', 'recps', 'rowsps', 'cps'],
  dollars: ['currencyUSD'],
};

/** Where a name does not tell the unit, by why. */
const OTHERS: readonly { readonly why: string; readonly unit: string; readonly queries: readonly string[] }[] = [
  {
    why: 'how many at once: CPUs, tasks, requests of a queue',
    unit: 'short',
    queries: [
      'emr-jvm: CPUs used, A',
      'emr-jvm: Every daemon, G',
      'emr-nodes: Disk queue, A',
      'emr-nodes: Load per CPU, A',
      'emr-spark: CPU, by process, A',
      'emr-spark: Garbage collection while tasks ran, by process, A',
      ...['A', 'B', 'C', 'D', 'E'].map((refId) => `emr-spark: Run time of tasks, by what for, ${refId}`),
    ],
  },
  {
    why: 'GiB-hours, as the column says',
    unit: 'short',
    queries: ['I', 'J'].map((refId) => `emr-cost: Machines by cluster, role and market, ${refId}`),
  },
  { why: 'pages of 4 KiB', unit: 'Bps', queries: ['emr-nodes: Swapping, A'] },
  {
    why: 'the mean of what is up or not',
    unit: 'percentunit',
    queries: [
      'emr-cluster: Targets that answer, A',
      'emr-hdfs: NameNodes answering, A',
      'emr-yarn: ResourceManagers answering, A',
    ],
  },
];

type Target = CommittedPanel['targets'][number];

/** The name of what is shown: of a table the column's, otherwise the line's. */
function shownAs({ type, targets, transformations = [] }: CommittedPanel, { refId, legendFormat }: Target) {
  if (type !== 'table') return legendFormat;
  const names = new Map<string, unknown>(
    transformations.flatMap(({ options }) => Object.entries(options.renameByName ?? {})),
  );
  return names.get(targets.length === 1 ? 'Value' : `Value #${refId}`);
}

const unitOf = ({ fieldConfig: { defaults, overrides } }: CommittedPanel, name: unknown): unknown =>
  overrides
    .filter(({ matcher }) => matcher.options === name)
    .flatMap(({ properties }) => properties)
    .find(({ id }) => id === 'unit')?.value ??
  defaults.unit ??
  'short';

const asked = committedDashboards.flatMap((dashboard) =>
  panelsOf(dashboard).flatMap((panel) =>
    panel.targets
      .map((target) => ({ target, name: shownAs(panel, target) }))
      .filter(({ target, name }) => target.expr !== undefined && name !== undefined)
      .map(({ target: { refId, expr = '' }, name }) => {
        const [unit, dimension] = [unitOf(panel, name), dimensionOf(expr)];
        const fits = UNITS[dimension]?.some((one) => one === unit) ?? false;
        return { query: `${dashboard.uid}: ${panel.title}, ${refId}`, unit, dimension, fits };
      }),
  ),
);

test('a number has the unit that the names of what is asked for say', () => {
  const excused = new Set(OTHERS.flatMap(({ unit, queries }) => queries.map((query) => `${query}: ${unit}`)));
  const wrong = asked.filter(({ query, unit, fits }) => !fits && !excused.has(`${query}: ${String(unit)}`));
  expect(wrong.map(({ query, unit, dimension }) => `${query}: ${String(unit)} for ${dimension}`)).toEqual([]);
  expect(asked.length).toBeGreaterThan(500);
});

test('where a unit is listed as one that names do not say, they do not', () => {
  const unlike = new Set(asked.filter(({ fits }) => !fits).map(({ query }) => query));
  expect(OTHERS.flatMap(({ queries }) => queries).filter((query) => !unlike.has(query))).toEqual([]);
});

/** Names of lines and columns that have a unit of their own and are not there. */
function ofNobody(panel: CommittedPanel): readonly string[] {
  const names = panel.targets.map((target) => shownAs(panel, target));
  const written = new Set(names.filter((name) => typeof name === 'string' && !name.includes('{{')));
  return panel.fieldConfig.overrides
    .filter(({ properties }) => properties.some(({ id }) => id === 'unit'))
    .map(({ matcher }) => matcher.options)
    .filter((name) => !written.has(name));
}

test('a unit of its own is that of a column or a line that is there', () => {
  const nobodys = committedDashboards.flatMap((dashboard) =>
    panelsOf(dashboard).flatMap((panel) => ofNobody(panel).map((name) => `${dashboard.uid}: ${panel.title}, ${name}`)),
  );
  expect(nobodys).toEqual([]);
});

test('no line has the name that its legend makes of labels', () => {
  const panels = committedDashboards.flatMap(panelsOf).filter(({ type }) => type === 'timeseries');
  const found = panels.flatMap((panel) =>
    panel.targets
      .map(({ legendFormat = '' }) => legendFormat)
      .filter((legend) => legend.includes('{{'))
      .map((legend) => ({ panel, legend })),
  );
  const unlike = found.filter(({ panel, legend }) => {
    const override = { matcher: { options: legend }, properties: [{ id: 'unit', value: 's' }] };
    const given = { ...panel, fieldConfig: { ...panel.fieldConfig, overrides: [override] } };
    return !ofNobody(given).includes(legend);
  });
  expect(unlike.map(({ panel, legend }) => `${panel.title}, ${legend}`)).toEqual([]);
  expect(found.length).toBeGreaterThan(50);
});
