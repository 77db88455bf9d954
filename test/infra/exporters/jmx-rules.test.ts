import { readFile } from 'node:fs/promises';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { daemons } from '../../../infra/exporters/jmx/daemons.ts';
import { rulesOfDaemons } from '../../../infra/exporters/jmx/rules/all.ts';
import { rulesFile, type RulesFile } from '../../../infra/exporters/jmx/rules/render-yaml.ts';
import type { Bean, DaemonRules } from '../../../infra/exporters/jmx/rules/table.ts';
import { renderMetrics } from '../../../scripts/metrics/render-metrics.ts';
import { matchesObjectName, matchName, scrape, type Sample } from './jmx-rules/jmx-exporter-model.ts';
import { readRecording, type Attribute } from './jmx-rules/recordings.ts';

const recorded = rulesOfDaemons.filter(({ isTested }) => isTested);
const pages = new Map(
  await Promise.all(
    recorded.map(async (rules) => {
      const attributes = await readRecording(rules.daemon);
      return [rules.daemon, { attributes, ...scrape(rulesFile(rules), attributes) }] as const;
    }),
  ),
);
const attributesOf = ({ daemon }: DaemonRules): readonly Attribute[] => pages.get(daemon)?.attributes ?? [];
const page = ({ daemon }: DaemonRules): readonly Sample[] => pages.get(daemon)?.samples ?? [];
const seriesOf = ({ name, labels }: Sample): string => `${name}${JSON.stringify(labels, Object.keys(labels).sort())}`;
const isLike = (glob: string, text: string): boolean =>
  new RegExp(`^${glob.replaceAll(/[.$]/g, '\\$&').replaceAll('*', '.*')}$`).test(text);

/** Why an attribute is not on the page, in the table's words. */
function reasonOf({ beans, leftOut }: DaemonRules, { bean, path }: Attribute): string | undefined {
  const whole = leftOut.find(({ objectName }) => isLike(objectName, bean));
  if (whole !== undefined) return whole.reason;
  return beans
    .filter(({ objectName }) => matchesObjectName(objectName, bean))
    .flatMap((of) => of.leftOut)
    .find(({ attributes }) => attributes.split(' ').some((name) => isLike(name, path)))?.reason;
}

test('every file made of the table is committed as it is made', async () => {
  for (const [path, text] of await renderMetrics())
    expect({ path, text: await readFile(path, 'utf8').catch(() => '') }).toEqual({ path, text });
});

test('every daemon that is watched has its rules, and each page has a metric of its prefix', () => {
  expect(rulesOfDaemons.map(({ daemon }) => daemon).sort()).toEqual(daemons.map(({ name }) => name).sort());
  const proved = daemons.filter(({ name, prefix }) =>
    rulesOfDaemons.some(({ daemon, beans }) => daemon === name && beans.some((bean) => bean.prefix.startsWith(prefix))),
  );
  expect(proved).toEqual(daemons);
});

describe.each(recorded)('$daemon, as it was recorded', (rules) => {
  test('every number is on the page once, or left out for a reason', async () => {
    const onPage = Map.groupBy(page(rules), ({ attribute }) => `${attribute.bean} ${attribute.path}`);
    const faults = attributesOf(rules).flatMap((attribute) => {
      const key = `${attribute.bean} ${attribute.path}`;
      const times = onPage.get(key)?.length ?? 0;
      if (times > 1) return `${key}: ${times} times`;
      const isExplained = times === 1 || typeof attribute.value === 'string' || reasonOf(rules, attribute);
      return isExplained ? [] : `${key}: neither mapped nor left out`;
    });
    expect(faults).toEqual([]);
  });

  test('no two series have one name and the same labels, and one name has one type and one help', async () => {
    const samples = page(rules);
    expect(samples.map(seriesOf).length).toBe(new Set(samples.map(seriesOf)).size);
    const kinds = new Set(samples.map(({ name, type, help }) => `${name} ${type} ${help}`));
    expect(kinds.size).toBe(new Set(samples.map(({ name }) => name)).size);
  });

  test('the page has as many series as it may', async () => {
    const samples = page(rules);
    const queues = new Set(samples.flatMap(({ labels }) => labels['queue'] ?? []));
    const most = { namenode: 250, resourcemanager: 150 + 25 * queues.size }[rules.daemon] ?? 150;
    expect(samples.length).toBeLessThanOrEqual(most);
    expect(samples.length).toBeGreaterThan(50);
  });

  test('a ratio is one, a date is of our days, and no average is longer than ten minutes: units are right', () => {
    const bounds = [
      [/_ratio$/, 0, 1],
      [/_timestamp_seconds$|_start_time_seconds$/, Date.parse('2026-01-01') / 1000, Date.parse('2027-01-01') / 1000],
      [/_average_seconds$/, 1e-9, 600],
    ] as const;
    const faults = bounds.flatMap(([ending, least, most]) =>
      page(rules).filter(({ name, value }) => ending.test(name) && value !== 0 && !(value >= least && value <= most)),
    );
    expect(faults).toEqual([]);
  });

  test('every rule that fits something on the page made a series: none is hidden by an earlier one', () => {
    const file = rulesFile(rules);
    const used = new Set(page(rules).map(({ rule }) => rule.pattern));
    const texts = page(rules).map(({ attribute }) => matchName(attribute));
    const hidden = file.rules
      .slice(1)
      .filter(({ pattern }) => !used.has(pattern) && texts.some((text) => new RegExp(pattern).test(text)));
    expect(hidden).toEqual([]);
  });

  test('no name, label or help text has a port, a host, a path or an id that changes, but port and volume', async () => {
    for (const { name, help, labels } of page(rules)) {
      expect(`${name} ${help}`).not.toMatch(/\d{4,}|[0-9a-f]{8}-|localhost|\//);
      const words = Object.entries(labels).filter(([label]) => !['port', 'volume', 'gc', 'queue'].includes(label));
      for (const [, value] of words) expect(value).toMatch(/^[a-z0-9_]+$/);
    }
  });
});

const everyRule = rulesOfDaemons.flatMap((rules) =>
  rulesFile(rules).rules.map((rule) => ({ daemon: rules.daemon, ...rule })),
);

test('every pattern means the same to Java and to the model: nothing in which their regular expressions differ', () => {
  for (const pattern of new Set(everyRule.map((rule) => rule.pattern))) {
    expect(pattern).not.toMatch(/\(\?[^:!]|\\[^.*+?^${}()|[\]\\w$-]|[+*?]\+|&&/);
    // The one thing that RE2 has not is the look-ahead of the first rule.
    expect(() => RE2JS.compile(pattern.replace(/^\^\(\?!/, '^(?:'))).not.toThrow();
  }
});

test('no value is taken out of a text: it is the JMX number, or the 1 or 0 that a text stands for', () => {
  for (const { value } of everyRule) expect([undefined, '0', '1']).toContain(value);
});

test('no rule is left to type and help of its own making', () => {
  for (const { name, type, help } of everyRule.filter(({ name: named }) => named !== '')) {
    expect([name, type, help]).toEqual([
      name,
      expect.stringMatching(/^(GAUGE|COUNTER)$/),
      expect.stringMatching(/\.$/),
    ]);
  }
});

test('the first rule drops what no other is for, and nothing that one is for', async () => {
  for (const rules of recorded) {
    const file = rulesFile(rules);
    const attributes = attributesOf(rules);
    const undropped = scrape({ ...file, rules: file.rules.slice(1) }, attributes);
    const dropped = scrape(file, attributes);
    expect(dropped.samples.map(seriesOf)).toEqual(undropped.samples.map(seriesOf));
    expect(dropped.comparisons).toBeLessThan(undropped.comparisons / 2);
  }
});

test('a YAML file says what the table says to a reader of YAML 1.1, and has no address', async () => {
  for (const rules of rulesOfDaemons) {
    const path = `infra/exporters/jmx/rules/${rules.daemon}.yml`;
    const file = parse(await readFile(path, 'utf8'), { version: '1.1' }) as RulesFile;
    expect(file).toEqual(JSON.parse(JSON.stringify(rulesFile(rules))));
    expect(file).not.toHaveProperty('jmxUrl');
    // With it, jmx_exporter from 1.4 on leaves out all of java.lang.
    expect(file).not.toHaveProperty('excludeJvmMetrics');
  }
});

test('what containers use is told in vcores: 1.7 of the two of a NodeManager, as read while a job ran there', () => {
  const used = pages
    .get('nodemanager')
    ?.samples.filter(({ name }) => name.startsWith('yarn_nodemanager_containers_used'));
  expect(used).toContainEqual(
    expect.objectContaining({ name: 'yarn_nodemanager_containers_used_vcores', value: 1.711 }),
  );
});

test("HiveServer2's numbers are found by the names that Hive 3 and Hive 4 give their beans", () => {
  const [rules] = rulesOfDaemons.filter(({ daemon }) => daemon === 'hiveserver2').map(rulesFile);
  const beans = ['name=open_connections', 'name=open_connections,type=counters', 'type=counters,name=open_connections'];
  for (const bean of beans) {
    // Codahale's JmxReporter: a counter, which Hive raises and lowers, has Count and no Value.
    const attribute = { bean: `metrics:${bean}`, path: 'Count', value: 3 };
    const { samples } = scrape(rules as RulesFile, [attribute]);
    expect(samples).toMatchObject([{ name: 'hive_server2_open_connections', type: 'GAUGE', value: 3 }]);
  }
});

test('only beans that are mapped are read, and none of a user or a container', () => {
  const users = 'Hadoop:service=ResourceManager,name=QueueMetrics,q0=root,q1=default,user=alice';
  const container = 'Hadoop:service=NodeManager,name=ContainerResource_container_1_0001_01_000001';
  const read = (bean: string) =>
    rulesOfDaemons.some(({ beans }) => beans.some((one: Bean) => matchesObjectName(one.objectName, bean)));
  expect(read(users)).toBe(false);
  expect(read(container)).toBe(false);
  expect(read('Hadoop:service=NameNode,name=NameNodeInfo')).toBe(false);
  expect(read('Hadoop:service=NameNode,name=FSNamesystem')).toBe(true);
  const empty = rulesOfDaemons.flatMap(({ beans }) => beans).filter(({ metrics }) => metrics.length === 0);
  expect(empty).toEqual([]);
});
