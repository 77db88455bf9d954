import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readContent } from '../../../scripts/content/read-content.ts';
import { checkout, DASHBOARD, GOOD, PRICES, promtoolThat, RULES } from './content-world.ts';

const silent = (): void => undefined;

async function problems(root: string, promtool?: string): Promise<readonly string[]> {
  const error = (await readContent({ root, promtool, say: silent }).catch((cause: unknown) => cause)) as Error;
  const [, ...lines] = error.message.split('\n');
  return lines.map((line) => line.trim());
}

test.each([
  [
    'a link to nothing',
    'content/rules/a.yml',
    '/nonexistent',
    'content/rules/a.yml:1: a file expected, and this is a link',
  ],
  [
    'a link to a file',
    'content/rules/a.yml',
    '/etc/hostname',
    'content/rules/a.yml:1: a file expected, and this is a link',
  ],
  ['a folder that is a link', 'content/dashboards', '/', 'content/dashboards:1: a folder expected, and this is a link'],
  ['prices that are a link', 'prices.csv', '/etc/hostname', 'prices.csv:1: a file expected, and this is a link'],
])('%s is refused, for what it leads to is not of this checkout', async (_name, place, target, words) => {
  const root = await checkout({ ...GOOD, 'content/rules/good.yml': RULES });
  await symlink(target, join(root, place));
  expect(await problems(root)).toEqual([words]);
});

test('a file that is not UTF-8 is refused with its line', async () => {
  const root = await checkout({ ...GOOD, 'content/dashboards/own.json': DASHBOARD });
  const text = DASHBOARD.replace('emr-mine', 'own').replace('Mine', 'Café');
  await writeFile(join(root, 'content/dashboards/own.json'), text, 'latin1');
  expect(await problems(root)).toEqual(['content/dashboards/own.json:3: not UTF-8: save it as UTF-8']);
});

test('a mark of the order of bytes, which editors write, is left out of what is published', async () => {
  const root = await checkout({ ...GOOD, 'infra/grafana/dashboards/emr-mine.json': `\u{feff}${DASHBOARD}` });
  const files = await readContent({ root, promtool: undefined, say: silent });
  expect(files.map(({ text }) => text)).toContain(DASHBOARD);
});

test('a length of time may be empty or an alias, as Prometheus takes it; what the alias stands for is looked at', async () => {
  const rule = (anchor: string, alias: string) =>
    RULES.replace('        expr', `        for: ${anchor}\n        keep_firing_for: ${alias}\n        expr`);
  const good = await checkout({
    ...GOOD,
    'content/rules/a.yml': rule('&long 30m', '*long'),
    'content/rules/b.yml': rule('', ''),
  });
  expect(await readContent({ root: good, promtool: undefined, say: silent })).toHaveLength(4);
  const bad = await checkout({ ...GOOD, 'content/rules/a.yml': rule('&long 30 m', '*long') });
  expect(await problems(bad)).toEqual([
    'content/rules/a.yml:5: for is "30 m"; expected 30s, 5m, 1h30m, 2d',
    'content/rules/a.yml:6: keep_firing_for is "30 m"; expected 30s, 5m, 1h30m, 2d',
  ]);
});

describe('promtool', () => {
  const SAYS = 'shift 2; for f; do echo "$f: could not parse" >&2; done; exit 1';

  test('reads what is well-formed though another file is not: all is told at once', async () => {
    const root = await checkout({ ...GOOD, 'content/rules/a.yml': '[]' });
    expect(await problems(root, await promtoolThat(SAYS))).toEqual([
      'content/rules/a.yml:1: expected groups: with a list of groups of rules',
      'promtool: infra/prometheus/rules/mine.rules.yml: could not parse',
    ]);
  });

  test('is quoted once, without its log', async () => {
    const noisy =
      'echo "time=2026-11-23 level=WARN msg=x"; echo "a.yml: bad"; echo "  a.yml: bad"; echo "ts=1 level=warn"; exit 1';
    expect(await problems(await checkout(GOOD), await promtoolThat(noisy))).toEqual(['promtool: a.yml: bad']);
  });
});

test('an alert with the name of one of ours in a file of another name is pointed out, for both ring', async () => {
  const said: string[] = [];
  const root = await checkout({
    ...GOOD,
    'content/rules/copy.yml': RULES,
    'content/rules/new.yml': RULES.replace('Idle', 'New'),
  });
  await readContent({ root, promtool: undefined, say: (line) => said.push(line) });
  expect(said).toEqual(['  Idle of content/rules/copy.yml rings beside that of infra/prometheus/rules/mine.rules.yml']);
});

test.each([
  ['ap-southeast-9', '; did you mean ap-southeast-1?'],
  ['somewhere-southwest-1', ''],
])('prices of %s, which may be newer than this checkout, are pointed out once and taken', async (region, meant) => {
  const said: string[] = [];
  const rows = ['m5.xlarge', 'm6g.xlarge'].map((type) => `${type},${region},SPOT,0.08\n`).join('');
  const root = await checkout({ ...GOOD, 'prices.csv': PRICES + rows });
  const files = await readContent({ root, promtool: undefined, say: (line) => said.push(line) });
  expect(files.map(({ path }) => path)).toContain('prices.csv');
  expect(said).toEqual([`  prices.csv has prices of ${region}, a Region that this checkout does not know${meant}`]);
});

test('what a panel of text says is no variable of ours', async () => {
  const text = DASHBOARD.replace('"title": "CPU"', '"options": { "content": "ssh $HOST" }, "title": "CPU"');
  const root = await checkout({ ...GOOD, 'infra/grafana/dashboards/emr-mine.json': text });
  expect(await readContent({ root, promtool: undefined, say: silent })).toHaveLength(2);
});

test.each([
  ['a text that people read', '"options": { "content": "$HOST" }', '"query": "$HOST"', 'HOST: define it'],
  ['what only begins so', '"query": "$cluster_id"', '"query": "$cluster_i"', 'cluster_i: define it'],
  ['a key', '"hosts": 1', '"repeat": "hosts"', 'hosts: define it'],
])('a wrong variable behind %s of the same letters is told with its own line', async (_name, right, wrong, words) => {
  const text = DASHBOARD.replace('"title": "CPU"', `${right} },\n{ ${wrong}`);
  const root = await checkout({ ...GOOD, 'infra/grafana/dashboards/emr-mine.json': text });
  const told = `infra/grafana/dashboards/emr-mine.json:7: there is no variable ${words}`;
  expect(await problems(root)).toEqual([expect.stringContaining(told)]);
});
