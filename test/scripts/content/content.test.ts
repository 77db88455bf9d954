import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readContent } from '../../../scripts/content/read-content.ts';
import { runScript } from '../cli-world.ts';
import { check, checkout, DASHBOARD, GOOD, PRICES, promtoolThat, RULES } from './content-world.ts';

const silent = (): void => undefined;

describe('check', () => {
  test('finds nothing wrong with what this checkout publishes', async () => {
    const files = await readContent({ root: join(import.meta.dirname, '../../..'), promtool: undefined, say: silent });
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['rules/record-node.rules.yml', 'dashboards/emr-cluster.json']),
    );
  });

  test("takes a user's files beside ours, and in place of those of the same name, and says so", async () => {
    const own = RULES.replace('== 1', '== 1 for 2');
    const root = await checkout({
      ...GOOD,
      'content/rules/mine.rules.yml': own,
      'content/rules/other.yml': RULES,
      'content/rules/notes.md': '# mine',
      'content/dashboards/own.json': DASHBOARD.replace('emr-mine', 'own'),
      'prices.csv': PRICES,
    });
    const said: string[] = [];
    const files = await readContent({ root, promtool: undefined, say: (line) => said.push(line) });
    expect(files.map(({ path, source }) => `${path} ← ${source}`)).toEqual([
      'rules/mine.rules.yml ← content/rules/mine.rules.yml',
      'dashboards/emr-mine.json ← infra/grafana/dashboards/emr-mine.json',
      'rules/other.yml ← content/rules/other.yml',
      'dashboards/own.json ← content/dashboards/own.json',
      'prices.csv ← prices.csv',
    ]);
    expect(files[0]?.text).toBe(own);
    expect(said).toEqual(['  content/rules/mine.rules.yml takes the place of infra/prometheus/rules/mine.rules.yml']);
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'a rule file that is not YAML',
      { 'content/rules/a.yml': 'groups:\n  - name: "x\n' },
      'content/rules/a.yml:3: not valid YAML: Missing closing "quote',
    ],
    [
      'a rule file of something else',
      { 'content/rules/a.yml': '[]\n' },
      'content/rules/a.yml:1: expected groups: with a list of groups of rules',
    ],
    [
      'a misspelt key',
      { 'content/rules/a.yml': RULES.replace('annotations', 'annotation') },
      'content/rules/a.yml:6: annotation is no key of a rule; did you mean annotations?',
    ],
    [
      'a rule that is nothing',
      { 'content/rules/a.yml': RULES.replace('alert: Idle', 'for: 5m') },
      'content/rules/a.yml:4: a rule has either alert or record',
    ],
    [
      'a rule without expression',
      { 'content/rules/a.yml': RULES.replace(/ +expr.*\n/, '') },
      'content/rules/a.yml:4: a rule needs an expr',
    ],
    [
      'a group without name',
      { 'content/rules/a.yml': RULES.replace('name: mine', 'interval: 1m') },
      'content/rules/a.yml:2: a group needs a name',
    ],
    [
      'rules that are no list',
      { 'content/rules/a.yml': 'groups:\n  - name: x\n    rules: {}\n' },
      'content/rules/a.yml:3: rules is not a list',
    ],
    [
      'a dashboard that is not JSON',
      { 'content/dashboards/a.json': '{\n  "uid": "a",\n  "title": "x",\n}\n' },
      'content/dashboards/a.json:4: not JSON: ',
    ],
    [
      'a dashboard that ends too early',
      { 'content/dashboards/a.json': '{\n  "uid": "a",\n  "title": [\n' },
      'content/dashboards/a.json:4: not JSON: ',
    ],
    [
      'a dashboard without title',
      { 'content/dashboards/a.json': '{\n"uid": "a",\n"panels": [{}]\n}' },
      'content/dashboards/a.json:1: title: a text expected',
    ],
    [
      'a dashboard under another uid',
      { 'content/dashboards/a.json': DASHBOARD },
      'content/dashboards/a.json:2: uid is "emr-mine", the file a.json: give both one name',
    ],
    [
      'a wrong variable in a query',
      { 'content/dashboards/emr-mine.json': DASHBOARD.replace('$cluster_id', '$cluster_ip') },
      'content/dashboards/emr-mine.json:6: there is no variable cluster_ip: define it (templating.list); did you mean cluster_id?',
    ],
    [
      'a wrong variable in braces',
      { 'content/dashboards/emr-mine.json': DASHBOARD.replace('$cluster_id', '${role:regex}') },
      'content/dashboards/emr-mine.json:6: there is no variable role: define it (templating.list)',
    ],
    [
      'a wrong variable in brackets',
      { 'content/dashboards/emr-mine.json': DASHBOARD.replace('$cluster_id', '[[role]]') },
      'content/dashboards/emr-mine.json:6: there is no variable role',
    ],
    [
      'a slip in a title',
      { 'content/dashboards/emr-mine.json': DASHBOARD.replace('"CPU"', '"CPU of $cluster_i"') },
      'content/dashboards/emr-mine.json:6: there is no variable cluster_i: define it (templating.list); did you mean cluster_id?',
    ],
    [
      'no dashboard at all',
      { 'content/dashboards/a.json': 'null' },
      'a.json:1: the file: the JSON model of a dashboard',
    ],
    [
      'a dashboard without panels',
      { 'content/dashboards/emr-mine.json': '{ "uid": "emr-mine", "title": "Mine", "panels": [] }' },
      'content/dashboards/emr-mine.json:1: panels: a list of panels expected',
    ],
    [
      'a price of no Region',
      { 'prices.csv': PRICES.replace('eu-west-1', 'eu-wset-1') },
      `prices.csv:2: region is "eu-wset-1": no Region of AWS's; did you mean eu-west-1?`,
    ],
    [
      'panels that repeat by a wrong variable',
      { 'content/dashboards/emr-mine.json': DASHBOARD.replace('"title": "CPU"', '"repeat": "nodes"') },
      'content/dashboards/emr-mine.json:6: there is no variable nodes',
    ],
    [
      'a dashboard that was exported for sharing',
      { 'content/dashboards/emr-mine.json': DASHBOARD.replace('$cluster_id', '${DS_PROMETHEUS}') },
      'there is no variable DS_PROMETHEUS: export it without "sharing externally"',
    ],
    [
      'a variable that is defined twice',
      {
        'content/dashboards/emr-mine.json': DASHBOARD.replace(
          '[{ "name": "cluster_id" }]',
          '[{ "name": "cluster_id" },\n{"name":"cluster_id" }]',
        ),
      },
      'content/dashboards/emr-mine.json:5: the variable cluster_id is defined twice',
    ],
    [
      'a variable that is defined twice, behind what else has its name',
      {
        'content/dashboards/emr-mine.json': DASHBOARD.replace(
          '  "templating": { "list": [{ "name": "cluster_id" }',
          '\t"annotations": { "list": [{ "name": "cluster_id" }] },\n"templating": { "list": [\n{ "name": "cluster_id" },\n{ "name": "cluster_id" }',
        ),
      },
      'content/dashboards/emr-mine.json:7: the variable cluster_id is defined twice',
    ],
    [
      'a title that is none, behind those of panels',
      { 'content/dashboards/a.json': '{\n"uid": "a",\n"panels": [{ "title": "x" }],\n"title": 1\n}' },
      'content/dashboards/a.json:4: title: a text expected',
    ],
    [
      'another uid, behind that of a panel',
      {
        'content/dashboards/a.json': '{\n"panels": [{ "datasource": { "uid": "b" } }],\n"title": "x",\n"uid"\n: "b"\n}',
      },
      'content/dashboards/a.json:5: uid is "b", the file a.json: give both one name',
    ],
    [
      'a price with a typo',
      { 'prices.csv': PRICES.replace('SPOT', 'spot') },
      'prices.csv:2: market is "spot"; expected ON_DEMAND or SPOT',
    ],
    [
      'quotes and a newline in a price, in the line where its row begins',
      { 'prices.csv': `${PRICES}"m5.""x\nlarge",eu-west-1,SPOT,0.1\n` },
      String.raw`prices.csv:3: instance_type is "m5.\"x\nlarge"; expected an instance type, for example m5.xlarge`,
    ],
    [
      'a length of time that Prometheus does not read',
      { 'content/rules/a.yml': RULES.replace('        expr', '        for: 5 minutes\n        expr') },
      'content/rules/a.yml:5: for is "5 minutes"; expected 30s, 5m, 1h30m, 2d',
    ],
    [
      'an interval that is a number',
      { 'content/rules/a.yml': RULES.replace('name: mine', 'name: mine\n    interval: 60') },
      'content/rules/a.yml:3: interval is "60"; expected 30s',
    ],
    [
      'a dashboard without panels',
      { 'content/dashboards/emr-mine.json': '{\n"uid": "emr-mine",\n"title": "x",\n"panels": []\n}' },
      'content/dashboards/emr-mine.json:4: panels: a list of panels expected',
    ],
    [
      'a dashboard that is nothing',
      { 'content/dashboards/emr-mine.json': 'null' },
      'content/dashboards/emr-mine.json:1: the file: the JSON model of a dashboard expected',
    ],
    [
      'a folder where a file should be',
      { 'content/rules/a.yml/b': RULES },
      'content/rules/a.yml:1: a file expected, and this is a folder',
    ],
    [
      'a file where a folder should be',
      { 'content/rules': RULES },
      'content/rules:1: a folder expected, and this is a file',
    ],
    ['a file in place of all', { content: RULES }, 'content:1: a folder expected, and this is a file'],
    [
      'an ending that Prometheus does not read',
      { 'content/rules/a.yaml': RULES },
      'content/rules/a.yaml:1: expected <name>.yml of rules',
    ],
    [
      'a file that is neither',
      { 'content/rules/a.rules': RULES },
      'content/rules/a.rules:1: expected <name>.yml of rules',
    ],
    [
      'a name that no bucket shall have',
      { 'content/rules/my rules.yml': RULES },
      'content/rules/my rules.yml:1: expected <name>.yml of rules',
    ],
    [
      'a file in no folder of ours',
      { 'content/prices.csv': PRICES },
      'content/prices.csv:1: expected content/rules and content/dashboards only; prices.csv lies beside',
    ],
    [
      'a file that no host would keep',
      { 'content/rules/a.yml': `#${' '.repeat(2 * 1024 * 1024)}\n${RULES}` },
      'content/rules/a.yml:1: 2097309 bytes; at most 2097152',
    ],
  ])('refuses %s with file, line and fix', async (_name, texts, words) => {
    const error = (await check({ ...GOOD, ...texts }).catch((cause: unknown) => cause)) as Error;
    expect(error.name).toBe('ConfigError');
    expect(error.message).toMatch(/^content: 1 problem\n {2}/);
    expect(error.message).toContain(words);
  });

  test('takes what people read as it stands, $HOME in a title as in a panel of text, and a mark of the order of bytes', async () => {
    const panels =
      '"description": "from $HOME", "type": "text", "options": { "content": "ssh $HOST" }, "title": "$HOME"';
    const text = `\uFEFF${DASHBOARD.replace('"title": "CPU"', panels)}`;
    const said = await check({ ...GOOD, 'content/dashboards/emr-mine.json': text });
    expect(said.at(-1)).toBe('Everything may be published.');
  });

  test('names everything that is wrong at once', async () => {
    const texts = { 'content/rules/a.yml': '[]', 'content/dashboards/a.json': '{', 'prices.csv': '' };
    await expect(check({ ...GOOD, ...texts })).rejects.toThrow(/^content: 3 problems\n/);
  });

  test('has promtool read the expressions, where it is, and says where it is not', async () => {
    const bad = await promtoolThat(
      'shift 2; for f; do echo "Checking $f"; echo "  FAILED:"; echo "$f: 5:15: could not parse"; done >&2; exit 1',
    );
    await expect(check(GOOD, bad)).rejects.toThrow(
      'content: 1 problem\n  promtool: infra/prometheus/rules/mine.rules.yml: 5:15: could not parse',
    );
    const good = await promtoolThat('exit 0');
    expect(await check(GOOD, good)).toEqual([
      `  1 rule files (0 of yours), 1 dashboards (0 of yours), no prices.csv; rules checked by ${good}`,
      'Everything may be published.',
    ]);
    expect((await check(GOOD))[1]).toMatch(/^ {2}no promtool here: the expressions of rules are checked by the host/);
    await expect(check(GOOD, '/nonexistent')).rejects.toThrow('--promtool is "/nonexistent": no program there');
  });

  test('is a command of npm: without a word for what to do it says how it is used', async () => {
    const { code, stderr } = await runScript('content', ['chek']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^say what to do, check or publish; not chek\n\nnpm run content --/),
    ]);
  });

  test('says how it is used when asked', async () => {
    const { code, stdout, stderr } = await runScript('content', ['--help']);
    expect([code, stderr, stdout]).toEqual([0, '', expect.stringMatching(/^npm run content -- check\|publish/)]);
  });
});
