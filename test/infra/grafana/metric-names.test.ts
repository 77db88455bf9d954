import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { committedDashboards, panelsOf } from './committed-files.ts';

const read = (glob: string): string =>
  globSync(glob)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');

const found = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, name = '']) => name);

/** Names of series that we make: exporters' tables, recording rules, the sidecar. */
const OURS = new Set([
  ...found(read('docs/metrics/*.md'), /^\| `(\w+)` \|/gm),
  ...found(read('infra/prometheus/rules/*.rules.yml'), /record: ([\w:]+)/g),
  ...found(read('infra/exporters/*/*.sh'), /# TYPE (\w+) /g),
  ...found(read('sidecar/**/*.ts'), /\b(emr_\w+)\b/g),
]);

/** What begins so is ours; node_exporter's and Prometheus's own names are asked of them by the demo's test. */
const OUR_PREFIXES = /^(hdfs|yarn|hadoop|spark|emr|hive|hbase|mapred|graphite)_/;

const namesIn = (expr: string): readonly string[] =>
  found(
    expr.replaceAll(/"[^"]*"|\b(?:by|on|without|group_left|group_right|ignoring) ?\([^)]*\)/g, ' '),
    /([a-z_][\w:]*)\s*(?=[{[\s)]|$)/g,
  ).filter((name) => OUR_PREFIXES.test(name));

describe.each(committedDashboards)('$uid', (dashboard) => {
  const asked = panelsOf(dashboard).flatMap(({ title, targets }) =>
    targets.flatMap(({ expr = '' }) => namesIn(expr).map((name) => `${title}: ${name}`)),
  );

  test('asks for series of ours, and for none that nobody makes', () => {
    expect(asked.length).toBeGreaterThan(0);
    expect([...new Set(asked)].filter((line) => !OURS.has(line.slice(line.lastIndexOf(' ') + 1)))).toEqual([]);
  });
});
