import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { daemons, type Daemon } from '../../../infra/exporters/jmx/daemons.ts';
import { rulesOfDaemons } from '../../../infra/exporters/jmx/rules/all.ts';
import { checkTable } from '../../../infra/exporters/jmx/rules/check-table.ts';
import {
  bean,
  counter,
  expand,
  gauge,
  type DaemonRules,
  type Metric,
  type Unit,
} from '../../../infra/exporters/jmx/rules/table.ts';
import { oldNames } from '../../../infra/exporters/jmx/compat-rules.ts';
import { becomes, readOriginalQueries } from '../../../infra/exporters/jmx/metrics-migration.ts';

const BLOCKS = gauge('blocks', 'BlocksTotal', 'none', 'Blocks.');
const namenode = (...metrics: readonly Metric[]): readonly DaemonRules[] => [
  {
    daemon: 'namenode',
    isTested: true,
    leftOut: [],
    beans: [bean('Hadoop:service=NameNode,name=Bean*', 'hdfs_namenode_', { labels: { of: '$1' }, metrics })],
  },
];

describe('a row of the table is refused, with the field and the fix', () => {
  test.each<readonly [string, readonly Metric[], RegExp]>([
    [
      'an unknown unit',
      [{ ...BLOCKS, unit: 'furlongs' as Unit }],
      /BlocksTotal: unit: 'furlongs' is not known: take one of none, bytes,/,
    ],
    [
      'a name without its unit',
      [gauge('capacity', 'Capacity', 'bytes', 'Capacity.')],
      /name: a gauge in bytes ends in '_bytes'/,
    ],
    [
      'a counter without _total',
      [counter('reads', 'Reads', 'none', 'Reads.')],
      /name: a counter in none ends in '_total'/,
    ],
    [
      'a gauge that ends in _total',
      [gauge('files_total', 'Files', 'none', 'Files.')],
      /name: '_total' is cut off by jmx_exporter/,
    ],
    ['a counter of things created', [counter('files_created_total', 'F', 'none', 'F.')], /name: '_created' is cut off/],
    ['a capital in a name', [gauge('Blocks', 'Blocks', 'none', 'Blocks.')], /name: lower case words/],
    ['a label that is no name', [{ ...BLOCKS, labels: { 'my-label': 'x' } }], /labels: 'my-label' is no label name/],
    ['a label of every target', [{ ...BLOCKS, labels: { instance: 'x' } }], /labels: every target has 'instance'/],
    ['a label of every target of jmx', [{ ...BLOCKS, labels: { daemon: 'x' } }], /labels: every target has 'daemon'/],
    [
      'a label of a star that is not there',
      [{ ...BLOCKS, labels: { volume: '$2' } }],
      /'volume' asks for \$2, and there are 1 stars/,
    ],
    ['a help text with a dollar', [{ ...BLOCKS, help: 'Costs $1.' }], /help: a sentence/],
    ['a help text that is none', [{ ...BLOCKS, help: 'blocks' }], /help: a sentence/],
    [
      'one name with two types',
      [BLOCKS, counter('blocks_total', 'B', 'none', 'Blocks.')],
      /are one to jmx_exporter: rename one/,
    ],
    [
      'one name with two help texts',
      [
        { ...BLOCKS, labels: { a: '1' } },
        { ...BLOCKS, attribute: 'B', help: 'Other.' },
      ],
      /help: 'hdfs_namenode_blocks' has another text/,
    ],
    [
      'one series twice',
      [BLOCKS, { ...BLOCKS, attribute: 'Other' }],
      /attribute: mapped twice, or a second with the same labels/,
    ],
    ['one attribute twice', [BLOCKS, { ...BLOCKS, name: 'other' }], /attribute: mapped twice/],
    [
      'a pattern of a text that is none',
      [{ ...BLOCKS, text: { pattern: '(on', value: 1 } }],
      /BlocksTotal: text.pattern: Invalid regular expression: .*: mend it/,
    ],
  ])('%s', (_, metrics, message) => {
    expect(() => checkTable(namenode(...metrics))).toThrow(message);
  });

  test('a daemon that is not watched, and one whose page does not prove whose it is', () => {
    const [rules] = namenode(BLOCKS);
    expect(() => checkTable([{ ...rules, daemon: 'nimbus' } as DaemonRules])).toThrow(
      /nimbus: daemon: not in daemons.ts/,
    );
    const [jvmOnly] = namenode(BLOCKS).map((all) => ({
      ...all,
      beans: all.beans.map((one) => ({ ...one, prefix: 'hadoop_' })),
    }));
    expect(() => checkTable([jvmOnly as DaemonRules])).toThrow(
      /namenode: beans: no metric begins with 'hdfs_namenode_'/,
    );
  });

  test('a pattern of a bean that is none', () => {
    const [rules] = namenode(BLOCKS).map((all) => ({
      ...all,
      beans: all.beans.map((one) => ({ ...one, match: 'Hadoop<name=([^,>+' })),
    }));
    expect(() => checkTable([rules as DaemonRules])).toThrow(
      /BlocksTotal: match: Invalid regular expression: .*: mend it/,
    );
  });

  test.each([
    [{ name: 'zkfc' }, /daemons\.ts, zkfc: name: zkfc has zkfc already: take another/],
    [{ port: 17_101 }, /daemons\.ts, other: port: namenode has 17101 already: take another/],
  ])('a daemon with %o, which another has', (given, problem) => {
    const [first] = daemons;
    const known = [...daemons, { ...first, name: 'other', port: 1, ...given } as Daemon];
    expect(() => checkTable(rulesOfDaemons, known)).toThrow(problem);
  });

  test('all of it is told at once', () => {
    const wrong = namenode(gauge('Blocks', 'Blocks', 'none', 'blocks'));
    expect(() => checkTable(wrong)).toThrow(/name: .*\n.*help: /);
  });

  test('the table that is there is not', () => {
    expect(checkTable(rulesOfDaemons)).toBe(rulesOfDaemons);
    expect(checkTable(namenode(BLOCKS))).toHaveLength(1);
  });
});

const originals = readOriginalQueries(await readFile('infra/exporters/jmx/original-queries.tsv', 'utf8'));
const names = oldNames(rulesOfDaemons);
const newNames = new Set(
  rulesOfDaemons.flatMap(({ beans }) =>
    beans.flatMap(({ prefix, metrics }) => metrics.flatMap(expand).map(({ name }) => prefix + name)),
  ),
);

test('every metric of Hadoop in the original dashboards has its old name again, with the labels they ask for', () => {
  const asked = originals.flatMap(({ query }) => [...query.matchAll(/\b(hdfs_\w+)(?:\{([^}]*)\})?/g)]);
  expect(asked.length).toBeGreaterThan(30);
  for (const [, name, matchers = ''] of asked) {
    const old = names.find(({ record }) => record === name);
    for (const [, label = '', value] of matchers.matchAll(/(role|kind)="(\w+)"/g))
      expect([name, old?.labels[label]]).toEqual([name, value]);
    expect(old?.record).toBe(name);
  }
});

test('no old name is a new one, for sums would double, and every old name is made of new ones', () => {
  expect(new Set(names.map(({ record, labels }) => `${record} ${labels['role']}`)).size).toBe(names.length);
  for (const { record, expr } of names) {
    expect(newNames).not.toContain(record);
    const used = expr.match(/\b(hdfs|yarn|hadoop)_\w+/g) ?? [];
    expect(used).toHaveLength(1);
    for (const name of used) expect(newNames).toContain(name);
  }
});

test('no query that an original one becomes has an old name, role or kind left', () => {
  for (const original of originals) {
    const now = becomes(original, names).query;
    for (const name of now.match(/\b(hdfs|yarn)_\w+/g) ?? []) expect(newNames).toContain(name);
    expect(now).not.toMatch(/\b(role|kind)=/);
  }
});

test('the variables of a dashboard list what is there now, or all its panels were empty', () => {
  const variables = originals.filter(({ row }) => row === 'Variables');
  expect(variables.map(({ panel }) => panel)).toEqual([
    '$job',
    '$cluster',
    '$instance',
    '$job',
    '$service',
    '$cluster',
    '$cluster_role',
    '$instance',
  ]);
  const ofHdfs = variables.filter(({ dashboard }) => dashboard === 'HDFS-NameNode');
  expect(ofHdfs.map((variable) => becomes(variable, names).query)).toEqual([
    'label_values(hdfs_namenode_capacity_bytes, job)',
    'label_values(hdfs_namenode_capacity_bytes{job=~"$job"}, cluster_id)',
    `label_values(hdfs_namenode_capacity_bytes{job=~"$job", cluster_id=~'$cluster'}, instance)`,
  ]);
});

test.each([
  [
    'HDFS-NameNode',
    'sum(hdfs_namenode_capacity_total{job="jmx", role="NameNode", kind="FSNamesystem"})',
    'sum(hdfs_namenode_capacity_bytes{job="jmx"})',
  ],
  [
    'HDFS-NameNode',
    'min(hdfs_namenode_last_checkpoint_time{job="jmx"})',
    'min(hdfs_namenode_last_checkpoint_timestamp_seconds{job="jmx"} * 1000)',
  ],
  [
    'HDFS-NameNode',
    'rate(hdfs_namenode_add_block_ops{job="jmx", role="NameNode"}[5m])',
    'rate(hdfs_namenode_operations_total{job="jmx", operation="add_block"}[5m])',
  ],
  ['HDFS-NameNode', 'count(up{job="jmx"})', 'count(count by (cluster_id) (up{job="jmx", daemon="namenode"} == 1))'],
  ['OS-Level-Metrics', 'count(up{job="node"})', 'count(up{job="node"} == 1)'],
  ['OS-Level-Metrics', 'node_load5{job="node"}', 'node_load5{job="node"}'],
])('in %s, %s becomes what shows the same', (dashboard, query, now) => {
  expect(becomes({ dashboard, query }, names).query).toBe(now);
});
