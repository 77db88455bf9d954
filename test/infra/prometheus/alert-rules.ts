import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

export const RULES = 'infra/prometheus/rules';
export const TESTS = 'test/infra/prometheus/rules';

export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
export interface RuleFile {
  readonly file: string;
  readonly groups: readonly { readonly name: string; readonly interval?: string; readonly rules: readonly Rule[] }[];
}
interface TestCase {
  readonly eval_time: string;
  readonly alertname: string;
  readonly exp_alerts?: readonly { readonly exp_labels: Readonly<Record<string, string>> }[];
}
export interface TestGroup {
  readonly name?: string;
  readonly input_series?: readonly { readonly series: string; readonly values: string | number }[];
  readonly alert_rule_test?: readonly TestCase[];
}
export interface TestFile {
  readonly file: string;
  readonly rule_files: readonly string[];
  readonly tests: readonly TestGroup[];
}

const readAll = async <File>(
  folder: string,
  ending: string,
): Promise<readonly (File & { readonly file: string })[]> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith(ending)).toSorted();
  return await Promise.all(
    files.map(async (file) => ({ ...(parse(await readFile(join(folder, file), 'utf8')) as File), file })),
  );
};

export const ruleFiles = await readAll<RuleFile>(RULES, '.rules.yml');
export const testFiles = await readAll<TestFile>(TESTS, '.test.yml');

/** Of all files, each with the one that it is in. */
export const alerts = ruleFiles.flatMap(({ file, groups }) =>
  groups.flatMap(({ rules }) =>
    rules.flatMap(({ alert, ...rule }) => (alert === undefined ? [] : [{ ...rule, alert, file }])),
  ),
);

const DOCUMENTED = [
  'docs/metrics/hadoop.md',
  'docs/metrics/spark.md',
  'docs/exporters/graphite.md',
  'sidecar/README.md',
  'sidecar/content/content-metrics.ts',
];

/** Which of our series in these queries are neither documented, nor the sidecar's, nor recorded. */
export async function unknownSeries(queries: readonly string[]): Promise<readonly string[]> {
  const texts = await Promise.all(DOCUMENTED.map((file) => readFile(file, 'utf8')));
  const documented = new Set(texts.join('\n').match(/\w+/g));
  const recorded = new Set(
    ruleFiles.flatMap(({ groups }) => groups.flatMap(({ rules }) => rules.map((r) => r.record))),
  );
  const read = queries.flatMap(
    (query) => query.replaceAll(/"[^"]*"/g, '').match(/\b(?:emr|hdfs|yarn|hadoop|spark)_[\w:]+/g) ?? [],
  );
  const isKnown = (name: string): boolean => recorded.has(name) || documented.has(name);
  return [...new Set(read)].filter((name) => !isKnown(name));
}
