import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { alerts, ruleFiles, testFiles, type TestGroup, unknownSeries } from './alert-rules.ts';

const DASHBOARDS = 'infra/grafana/dashboards';
/** Series that only take alerts away. */
const EXCUSES = new Set(['emr_cluster_info', 'emr_node_leaving']);
/** `level:metric:operation`; a level is what a series is told of. */
const CONVENTION =
  /^emr_(?:application|cluster|filesystem|market|node|role):[a-z]+(?:_[a-z]+)*:(?:max_)?(?:bool|count|max|min|nodes|ratio|sum)(?:_rate)?(?:\d+[mhd])?$/;
/** A clause that begins with a verb, or a place that says why. */
const TO_DO =
  /(?:^|[.:;,] )(?:ask|choose|compare|delete|end|find|give|have|let|list|look|make|put|replace|see|start|take|undo)\b|(?:log|NameNode|page|status)\b[^.]* (?:names?|says?)\b/i;
const LABELS = /\$labels\.(\w+)/g;

interface Dashboard {
  readonly uid: string;
  readonly templating: { readonly list: readonly { readonly name: string }[] };
}
const dashboards = await Promise.all(
  (await readdir(DASHBOARDS)).map(
    async (file) => JSON.parse(await readFile(`${DASHBOARDS}/${file}`, 'utf8')) as Dashboard,
  ),
);
const each = (text: string, pattern: RegExp): readonly string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, found = '']) => found)),
];
/** Groups in which an alert is tested, and the alerts that are expected of it there. */
const groupsOf = (alert: string): readonly TestGroup[] =>
  testFiles
    .flatMap(({ tests }) => tests)
    .filter(({ alert_rule_test: cases = [] }) => cases.some(({ alertname }) => alertname === alert));
const expectedOf = (alert: string) =>
  groupsOf(alert)
    .flatMap(({ alert_rule_test: cases = [] }) => cases)
    .filter(({ alertname }) => alertname === alert)
    .flatMap(({ exp_alerts: expected = [] }) => expected.map(({ exp_labels: labels }) => labels));

test('the files of rules are those of their topics, and no two alerts or groups share a name', () => {
  const topics = 'node hdfs yarn spark cost recommendations platform money ourselves'.split(' ');
  expect(
    ruleFiles.filter(({ file }) => !topics.includes(/^(?:record|alert)-(\w+)\.rules/.exec(file)?.[1] ?? '')),
  ).toEqual([]);
  const names = alerts.map(({ alert }) => alert);
  expect(names).toEqual([...new Set(names)]);
  const groups = ruleFiles.flatMap((file) => file.groups.map(({ name }) => name));
  expect(groups).toEqual([...new Set(groups)]);
});

test('a record is named level:metric:operation, and is one rule’s: recommendations are a rule for each sentence', () => {
  const all = ruleFiles.flatMap((file) => file.groups.flatMap(({ rules }) => rules));
  const names = all.flatMap(({ record }) => record ?? []);
  expect(names.filter((name) => !CONVENTION.test(name))).toEqual([]);
  const shared = names.filter((name, index) => names.indexOf(name) !== index);
  expect([...new Set(shared)]).toEqual(['emr_cluster:recommendation:nodes']);
});

test('a record is named after its window, and what a rule adds or compares are rates over one window', () => {
  for (const { record = '', alert, expr } of ruleFiles.flatMap(({ groups }) => groups.flatMap(({ rules }) => rules))) {
    const [named] = /\d+[mhd]$/.exec(record) ?? [];
    const windows = expr.match(/(?<=\[)\w+(?=\])/g) ?? [];
    expect([record, windows.filter((window) => window !== (named ?? window))]).toEqual([record, []]);
    const rates = expr.match(/(?<=\b(?:increase|rate)\([^[]*\[)\w+/g) ?? [];
    expect([record, alert, ...new Set(rates)]).toHaveLength(rates.length === 0 ? 2 : 3);
  }
});

/** promtool evaluates groups as often as a test says, whatever their interval is. */
test('every group is evaluated at least once a minute: alerts are for whole minutes, and what is recorded is looked for in five', () => {
  const intervals = ruleFiles.flatMap(({ groups }) =>
    groups.map(({ name, interval = '30s' }) => `${name} ${interval}`),
  );
  expect(intervals.filter((group) => !/ (?:30s|1m)$/.test(group))).toEqual([]);
});

describe('an alert', () => {
  test.each(alerts)('$alert has its topic, a severity, a time, and says all that wakes people need', (rule) => {
    expect(rule.alert).toMatch(/^Emr[A-Z][A-Za-z]+$/);
    expect(rule.for).toMatch(/^\d+[mh]$/);
    expect(rule.labels).toEqual({
      severity: expect.stringMatching(/^(?:critical|warning|info)$/),
      emr: /^alert-(\w+)\.rules\.yml$/.exec(rule.file)?.[1],
    });
    expect(Object.keys(rule.annotations ?? {}).toSorted()).toEqual([
      'dashboard',
      'description',
      'runbook_url',
      'summary',
    ]);
    expect(rule.annotations?.['runbook_url']).toBe(`docs/runbooks/${rule.alert}.md`);
    const summary = rule.annotations?.['summary']?.replaceAll(/\{\{ range query .*?\}\}.*?\{\{ end \}\}/g, 'A name, ');
    expect(summary).toMatch(/^(?!.*\n).{20,200}$/);
    expect(rule.annotations?.['description']).toMatch(/^[^]{40,400}[.?]$/);
  });

  test.each(alerts)('$alert tells its reader to do something, or what says more', ({ annotations }) => {
    expect(annotations?.['description']).toMatch(TO_DO);
  });

  test.each(alerts)('$alert names in its words only labels that it has, the cluster’s name if it has one', (rule) => {
    const expected = expectedOf(rule.alert);
    const words = Object.values(rule.annotations ?? {}).join('\n');
    const common = each(words, LABELS).filter(
      (label) => !new RegExp(String.raw`(?:if|with) \$labels\.${label}\b`).test(words),
    );
    expect(common.filter((label) => !expected.some((labels) => label in labels))).toEqual([]);
    const hasName = expected.some((labels) => 'cluster_name' in labels);
    expect([hasName, rule.annotations?.['summary']?.includes('{{ $labels.cluster_name }}')]).toEqual([
      hasName,
      hasName,
    ]);
  });

  test.each(alerts)('$alert links to a dashboard that exists, with variables that this one has', ({ annotations }) => {
    const url = new URL(annotations?.['dashboard'] ?? '', 'http://grafana');
    const dashboard = dashboards.find(({ uid }) => url.pathname === `/d/${uid}`);
    expect([url.pathname, dashboard?.uid]).toEqual([url.pathname, url.pathname.replace('/d/', '')]);
    const variables = dashboard?.templating.list.map(({ name }) => `var-${name}`) ?? [];
    expect([...url.searchParams.keys()].filter((name) => !variables.includes(name))).toEqual([]);
    for (const [name, value] of url.searchParams) expect(value).toBe(`{{ $labels.${name.replace('var-', '')} }}`);
  });
});

test('what an alert asks of a cluster is whether it runs or waits: one that starts is left alone like one that ends', () => {
  const asked = alerts.flatMap(({ alert, expr }) =>
    [...expr.matchAll(/emr_cluster_info(?:\{([^}]*)\})?/g)].map(([, labels]) => `${alert} ${labels}`),
  );
  expect(asked).not.toEqual([]);
  expect(asked.filter((one) => !/ state(?:!~|=~)"RUNNING\|WAITING"$/.test(one))).toEqual([]);
});

describe('the tests of an alert', () => {
  const metricsOf = (groups: readonly TestGroup[], kind: string): ReadonlySet<string> =>
    new Set(
      groups
        .flatMap(({ input_series: series = [] }) => series.map((one) => one.series))
        .filter((series) => new RegExp(`="[^"]*${kind}`).test(series))
        .map((series) => series.replace(/\{.*/, ''))
        .filter((name) => !EXCUSES.has(name)),
    );

  test.each(alerts)('$alert has one that it rings, one just below, and one for a trap of EMR', ({ alert }) => {
    const groups = groupsOf(alert);
    const expected = expectedOf(alert);
    expect(expected).not.toEqual([]);
    const wrong = expected.filter((labels) => Object.values(labels).some((value) => /below|trap/.test(value)));
    expect(wrong).toEqual([]);
    for (const kind of ['below', 'trap']) expect([kind, metricsOf(groups, kind).size]).not.toEqual([kind, 0]);
  });

  test.each(alerts)('$alert has them on series of the same names: none is silent for want of series', ({ alert }) => {
    const groups = groupsOf(alert);
    const read = (kind: string): readonly string[] =>
      [...metricsOf(groups, kind)].filter((name) => new RegExp(String.raw`\b${name}\b`).test(exprOf(alert))).toSorted();
    expect([read('below'), read('fires').filter((name) => !read('trap').includes(name))]).toEqual([
      expect.arrayContaining([...read('fires')]),
      [],
    ]);
  });
});

/** With what it reads of recorded series put in, once: those are tested by what they are made of. */
function exprOf(alert: string): string {
  const { expr = '' } = alerts.find((rule) => rule.alert === alert) ?? {};
  const recorded = ruleFiles
    .flatMap(({ groups }) => groups.flatMap(({ rules }) => rules))
    .filter(({ record }) => record !== undefined && expr.includes(record));
  return [expr, ...recorded.map((rule) => rule.expr)].join('\n');
}

test('rules read only series that exist: of the documented metrics, of the sidecar, or recorded', async () => {
  const rules = ruleFiles.flatMap(({ groups }) => groups.flatMap((group) => group.rules));
  expect(await unknownSeries(rules.map(({ expr }) => expr))).toEqual([]);
  expect(await unknownSeries(['emr_typo:sum', 'hdfs_namenode_blocks', 'up == 1'])).toEqual(['emr_typo:sum']);
});

/** Only what is left after a join by the cluster's id needs none of its own. */
test('rules ask for a cluster of EMR: targets of somebody else have series of the same names', () => {
  const asked = ruleFiles
    .flatMap(({ groups }) => groups.flatMap(({ rules }) => rules))
    .flatMap(({ expr }) => expr.replaceAll(/on \(cluster_id\) max_over_time\([^)]*\)|\b(?:by|on) \([^)]*\)/g, ''))
    .flatMap((expr) => expr.match(/(?<![\w:])(?:up|(?:hadoop|hdfs|node)_\w+)(?![\w:])(?:\{[^}]*\})?/g) ?? [])
    .filter((selector) => selector !== 'up{job="prometheus-on-emr-sidecar"}');
  expect(asked).not.toEqual([]);
  expect(asked.filter((selector) => !selector.includes('cluster_id=~"j-.+"'))).toEqual([]);
  const ofNodes = asked.filter((selector) => selector.startsWith('node_'));
  expect(ofNodes).not.toEqual([]);
  expect(ofNodes.filter((selector) => !selector.includes('job="node"'))).toEqual([]);
});
