import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Dashboard, Scene } from '../../sandbox/grafana/panel-queries.ts';
import { interpolate, nameOf, panelQueries, readDashboards } from '../../sandbox/grafana/panel-queries.ts';
import { asksPrometheus, variableRequest } from '../../sandbox/grafana/variable-values.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { preparePrometheus } from '../../scripts/prepare/prepare-prometheus.ts';
import type { CommittedDashboard } from '../infra/grafana/committed-files.ts';
import { committedDashboards } from '../infra/grafana/committed-files.ts';
import type { Check } from '../infra/grafana/dashboard-schemas.ts';
import { createCheck } from '../infra/grafana/dashboard-schemas.ts';

let check: Check;
let promtool: string;
const home = mkdtempSync(join(tmpdir(), 'dashboards-'));
beforeAll(async () => {
  check = createCheck();
  ({ promtool } = await preparePrometheus(cacheFolder(process.env)));
});
afterAll(() => rmSync(home, { recursive: true }));

test.each(committedDashboards)("$uid is what Grafana's types say a dashboard is", (dashboard) => {
  expect(check(dashboard)).toEqual([]);
});

/** A whole dashboard with one small fault: what people get wrong when they write JSON by hand. */
const broken = (from: string, to: string): CommittedDashboard => {
  const text = JSON.stringify(committedDashboards.find(({ uid }) => uid === 'emr-nodes'));
  if (!text.includes(from)) throw new Error(`emr-nodes has no ${from}`);
  return JSON.parse(text.replace(from, to)) as CommittedDashboard;
};

test.each([
  ['a misspelt key of the dashboard', '"graphTooltip"', '"graphToolTip"', '"graphToolTip"'],
  ['an unknown enum of the dashboard', '"refresh":2', '"refresh":7', 'must be equal to one of'],
  ['a misspelt key of a panel', '"targets"', '"target"', '"target"'],
  ['a misspelt key of a query', '"legendFormat"', '"legend"', '"legend"'],
  [
    'a data source that is not the chosen one',
    '"${datasource}"},"gridPos"',
    '"prometheus"},"gridPos"',
    '"${datasource}"',
  ],
  ['a misspelt option', '"showLegend"', '"showLegends"', '"showLegends"'],
  ['an unknown option', '"placement":"bottom"', '"placement":"below"', '/options/legend/placement'],
  ['a misspelt key of the fields', '"fillOpacity"', '"opacity"', '"opacity"'],
  [
    'an unknown value of the fields',
    '"showPoints":"never"',
    '"showPoints":"no"',
    '/fieldConfig/defaults/custom/showPoints',
  ],
  ['an unknown mode of thresholds', '"mode":"absolute"', '"mode":"absolut"', 'thresholds/mode'],
  ['a misspelt override', '"id":"custom.width"', '"id":"custom.breadth"', '"breadth"'],
  ['an override with an unknown value', '"type":"gauge"', '"type":"gauges"', 'cellOptions'],
  ['a panel that needs a plugin', '"type":"timeseries"', '"type":"graph"', 'type graph is none of'],
])('%s is named', (_what, from, to, named) => {
  expect(check(broken(from, to)).join('\n')).toContain(named);
});

/** As Grafana asks it for one cluster and all its nodes. */
const SCENE = {
  choices: {
    cluster_name: { all: '.*' },
    cluster_id: 'j-1',
    cluster_role: { all: '.+' },
    instance: ['i-1', 'i-2'],
  },
  interval: 30,
  range: 21_600,
  scrape: 15,
} as const;

interface Expression {
  readonly from: string;
  readonly expr: string;
}

const sceneOf = ({ templating: { list } }: Dashboard): Scene => {
  const others = list.map(({ name, allValue }) => [name, { all: allValue ?? '.+' }] as const);
  return { ...SCENE, choices: { ...Object.fromEntries(others), ...SCENE.choices } };
};

/** What a panel, a variable or an annotation asks Prometheus. */
function expressionsOf(dashboard: Dashboard, annotations: readonly string[]): readonly Expression[] {
  const scene = sceneOf(dashboard);
  return [
    ...panelQueries(dashboard)
      .filter(({ datasource }) => datasource === 'prometheus')
      .map(({ panel, refId, expr }, index) => ({
        from: `${panel} ${refId} (${index})`,
        expr: interpolate(expr, scene),
      })),
    ...dashboard.templating.list.filter(asksPrometheus).map((variable) => {
      const { parameters } = variableRequest(variable, scene, 0);
      return { from: `$${variable.name}`, expr: parameters['query'] ?? parameters['match[]'] ?? '' };
    }),
    ...annotations.map((expr) => ({ from: 'annotation', expr: interpolate(expr, scene) })),
  ];
}

/** promtool reads expressions in files of rules only: a group for each, in one file for all, in one start. */
function complaints(all: ReadonlyMap<string, readonly Expression[]>): readonly string[] {
  const groups = [...all].flatMap(([uid, expressions]) =>
    expressions.map(({ from, expr }) => ({ name: `${uid}: ${from}`, rules: [{ record: 'asked', expr }] })),
  );
  const file = join(home, 'queries.rules.yml');
  writeFileSync(file, stringify({ groups }));
  const { stderr, status } = spawnSync(promtool, ['check', 'rules', '--lint=none', file], { encoding: 'utf8' });
  return status === 0 ? [] : stderr.split('\n').filter((line) => line.trim() !== '');
}

test('promtool can read every query of every panel, variable and annotation', async () => {
  const all = new Map(
    (await readDashboards()).map((dashboard) => {
      const committed = committedDashboards.find(({ uid }) => uid === dashboard.uid);
      const annotations = committed?.annotations.list.map(({ target }) => target.expr ?? '') ?? [];
      return [dashboard.uid, expressionsOf(dashboard, annotations)];
    }),
  );
  expect([...all.values()].flat().length).toBeGreaterThan(300);
  expect(complaints(all)).toEqual([]);
});

test('a query that Prometheus could not read is named with its panel', () => {
  const mistaken = new Map([['emr-nodes', [{ from: 'CPU busy A', expr: 'rate(node_cpu_seconds_total)' }]]]);
  expect(complaints(mistaken).join('\n')).toMatch(/emr-nodes: CPU busy A.*expected type range vector/s);
});

const series = (name: string, labels: Readonly<Record<string, string>>, value: number) => ({
  series: `${name}{${Object.entries(labels)
    .map(([label, text]) => `${label}="${text}"`)
    .join(',')}}`,
  values: `${value}x10`,
});
const fires = (alertname: string, severity: string, others: Readonly<Record<string, string>> = {}) =>
  series('ALERTS', { alertname, alertstate: 'firing', emr: 'x', severity, ...others }, 1);
const nameNode = (instance: string, state: 'active' | 'standby', missing: number) => [
  series('hdfs_namenode_blocks_missing', { cluster_id: 'j-1', instance }, missing),
  series('hdfs_namenode_ha_state', { cluster_id: 'j-1', instance, state: 'active' }, state === 'active' ? 1 : 0),
];

test.each([
  [
    'alerts of no cluster are ranked by severity, and those of clusters are not among them',
    {
      query: 'emr-fleet: Alerts of no cluster, B',
      input: [
        fires('Sick', 'critical', { job: 'a' }),
        fires('Note', 'info'),
        fires('Theirs', 'critical', { cluster_id: 'j-2' }),
      ],
      expected: [
        { labels: '{alertname="Sick", severity="critical", about="a  "}', value: 0 },
        { labels: '{alertname="Note", severity="info", about="  "}', value: 2 },
      ],
    },
  ],
  [
    'missing blocks are those that the active NameNode misses',
    {
      query: 'emr-hdfs: Missing blocks, A',
      input: [...nameNode('i-1', 'active', 2), ...nameNode('i-2', 'standby', 9)],
      expected: [{ labels: '{}', value: 2 }],
    },
  ],
  [
    'missing blocks are the most that any NameNode misses while none is active',
    {
      query: 'emr-hdfs: Missing blocks, A',
      input: [...nameNode('i-1', 'standby', 2), ...nameNode('i-2', 'standby', 9)],
      expected: [{ labels: '{}', value: 9 }],
    },
  ],
])('%s', async (_what, { query, input, expected }) => {
  const found = (await readDashboards()).flatMap(panelQueries).find((one) => nameOf(one) === query);
  const expr = (found?.expr ?? '').replaceAll('$cluster_id', 'j-1');
  const promql_expr_test = [{ expr, eval_time: '5m', exp_samples: expected }];
  const file = join(home, 'answers.test.yml');
  writeFileSync(file, stringify({ tests: [{ interval: '1m', input_series: input, promql_expr_test }] }));
  const { stdout, stderr } = spawnSync(promtool, ['test', 'rules', file], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toContain('SUCCESS');
});
