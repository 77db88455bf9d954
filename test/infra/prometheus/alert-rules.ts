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
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}
export interface TestCase {
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
