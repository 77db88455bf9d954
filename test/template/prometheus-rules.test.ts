import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { preparePrometheus } from '../../scripts/prepare/prepare-prometheus.ts';
import { alerts, type Rule, ruleFiles, RULES, testFiles, TESTS } from '../infra/prometheus/alert-rules.ts';

/**
 * promtool compares all annotations of an alert; the tests tell its summary, as people read it. So promtool gets copies
 * of the rules whose alerts have nothing else.
 */
const withSummaryOnly = ({ annotations, ...rule }: Rule): Rule =>
  annotations === undefined ? rule : { ...rule, annotations: { summary: annotations['summary'] ?? '' } };

const home = mkdtempSync(join(tmpdir(), 'promtool-'));
afterAll(() => rmSync(home, { recursive: true }));
let promtool: string;
let tested: { readonly status: number | null; readonly said: string };

beforeAll(async () => {
  ({ promtool } = await preparePrometheus(cacheFolder(process.env)));
  await Promise.all([RULES, TESTS].map((folder) => mkdir(join(home, folder), { recursive: true })));
  for (const { file, groups } of ruleFiles) {
    const shortened = groups.map((group) => ({ ...group, rules: group.rules.map(withSummaryOnly) }));
    await writeFile(join(home, RULES, file), stringify({ groups: shortened }));
  }
  for (const { file, rule_files: read } of testFiles) {
    const text = await readFile(join(TESTS, file), 'utf8');
    await writeFile(join(home, TESTS, file), text + stringify({ group_eval_order: read.flatMap(groupsOf) }));
  }
  const files = testFiles.map(({ file }) => join(TESTS, file));
  tested = run('test', files, home);
});

/** Without an order of its own promtool evaluates groups in any. */
const groupsOf = (path: string): readonly string[] =>
  ruleFiles.find(({ file }) => file === basename(path))?.groups.map(({ name }) => name) ?? [];

/** One start for all files: each costs half a second. */
function run(action: string, files: readonly string[], cwd = '.') {
  const { status, stdout, stderr } = spawnSync(promtool, [action, 'rules', ...files], { cwd, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

/** What promtool says of one alert: name of the test's group if it has one, what was expected, and what came. */
const failuresOf = (alert: string): readonly string[] =>
  tested.said.split(/^(?=(?: *name: .*\n)? *alertname: )/m).filter((part) => part.includes(`alertname: ${alert},`));

test('promtool takes every file of rules', () => {
  const { status, said } = run(
    'check',
    ruleFiles.map(({ file }) => join(RULES, file)),
  );
  expect({ status, said }).toEqual({ status: 0, said: expect.not.stringContaining('FAILED') });
});

test.each(alerts)('$alert rings in its tests when it should, with these words, and not otherwise', ({ alert }) => {
  expect(failuresOf(alert)).toEqual([]);
});

test('all that promtool’s tests say of rules is so', () => {
  expect(tested).toEqual({ status: 0, said: expect.not.stringContaining('FAILED') });
});
