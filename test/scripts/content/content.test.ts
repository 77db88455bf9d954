import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contentCommand } from '../../../scripts/content/content.ts';
import { contentBucket } from '../../../scripts/aws/content-bucket.ts';
import { publishContent } from '../../../scripts/content/publish-content.ts';
import { readContent } from '../../../scripts/content/read-content.ts';
import { contentWorld } from '../../sidecar/content-world.ts';
import { cliWorld, runScript } from '../cli-world.ts';
import { checkout, DASHBOARD, GOOD, PRICES, promtoolThat, RULES } from './content-world.ts';

const silent = (): void => undefined;
const noPromtool = { PATH: '', PROMETHEUS_ON_EMR_CACHE: '/nonexistent' };

async function check(texts: Readonly<Record<string, string>>, promtool?: string): Promise<readonly string[]> {
  const said: string[] = [];
  const args = ['check', ...(promtool === undefined ? [] : ['--promtool', promtool])];
  await contentCommand(args, noPromtool, (line) => said.push(line), await checkout(texts));
  return said;
}

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
      { 'content/dashboards/a.json': '{\n"uid": "a",\n"panels": []\n}' },
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
          '[{ "name": "cluster_id" },\n{ "name": "cluster_id" }]',
        ),
      },
      'the variable cluster_id is defined twice',
    ],
    [
      'a price with a typo',
      { 'prices.csv': PRICES.replace('SPOT', 'spot') },
      'prices.csv:2: market is "spot"; expected ON_DEMAND or SPOT',
    ],
    ['a folder where a file should be', { 'content/rules/a.yml/b': RULES }, 'content/rules/a.yml:1: a file expected'],
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
      `  1 rule files, 1 dashboards, no prices.csv; rules checked by ${good}`,
      'Everything may be published.',
    ]);
    expect((await check(GOOD))[1]).toMatch(/^ {2}no promtool here: the expressions of rules are checked by the host/);
    await expect(check(GOOD, '/nonexistent')).rejects.toThrow('--promtool is "/nonexistent": no program there');
  });

  test('is a command of npm: without a word for what to do it says how it is used', async () => {
    const { code, stderr } = await runScript('content', ['chek']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^chek is to be done: expected check or publish\n\nnpm run content --/),
    ]);
  });
});

/** Of a key: without the prefix, and the sum of what is under it. */
const nameOf = (key: string): string => key.replace(/^content\/(?:[0-9a-f]{64}\/)?/, '');

describe('publish', () => {
  test('puts every file and the manifest last, with runbooks where runbookUrl says, and a sidecar loads them', async () => {
    const { publish, look, inUse, view } = await contentWorld();
    const keys: string[] = [];
    const files = await readContent({
      root: await checkout({ ...GOOD, 'prices.csv': PRICES }),
      promtool: undefined,
      say: silent,
    });
    const bodies = new Map<string, string>();
    const put = async (key: string, body: string): Promise<void> => {
      keys.push(key);
      bodies.set(nameOf(key), body);
    };
    const bucket = {
      name: 'b',
      etag: async () => undefined,
      put,
      putOver: async (key: string, body: string) => put(key, body).then(() => true),
    };
    await publishContent(files, bucket, 'https://wiki.example.com/r?page=docs/runbooks');
    expect(keys.slice(0, -1).map(nameOf).toSorted()).toEqual([
      'dashboards/emr-mine.json',
      'prices.csv',
      'rules/mine.rules.yml',
    ]);
    expect(keys.at(-1)).toBe('content/manifest.json');
    publish(Object.fromEntries(bodies), bodies.get('manifest.json'));
    expect(await look()).toBe('same');
    expect(view().files).toHaveLength(3);
    expect(await inUse('rules/mine.rules.yml')).toBe(
      RULES.replace('docs/runbooks/', 'https://wiki.example.com/r?page=docs/runbooks/'),
    );
  });

  test('reaches the bucket of the stage, again and again, and keeps to itself what is not of content', async () => {
    const { account, bucket, env } = await cliWorld();
    const root = await checkout(GOOD);
    const run = (): Promise<void> =>
      contentCommand(['publish', '--region', 'us-east-1'], { ...env, ...noPromtool }, silent, root);
    await run();
    await run();
    const keys = account.s3.list(bucket, {}).objects.map(({ key }) => key);
    expect(keys.map(nameOf).toSorted()).toEqual(['dashboards/emr-mine.json', 'manifest.json', 'rules/mine.rules.yml']);
  });

  test('without a stack says how there is one', async () => {
    const { env } = await cliWorld();
    const run = contentCommand(
      ['publish', '--stage', 'prod', '--region', 'us-east-1'],
      { ...env, ...noPromtool },
      silent,
      await checkout(GOOD),
    );
    await expect(run).rejects.toThrow('nothing is deployed as stage prod in us-east-1: deploy first');
  });

  test('of two at once one fails and says so: the host never has a mixture', async () => {
    const { bucket, account } = await cliWorld();
    const real = contentBucket({ stage: 'dev', region: 'us-east-1' }, bucket);
    const files = await readContent({ root: await checkout(GOOD), promtool: undefined, say: silent });
    const slow = {
      ...real,
      etag: async (key: string) => {
        const before = await real.etag(key);
        await publishContent(files, real, 'docs/runbooks');
        return before;
      },
    };
    await expect(publishContent(files, slow, 'docs/runbooks')).rejects.toThrow(
      `somebody else has published to ${bucket} at the same time: publish again`,
    );
    expect(account.s3.list(bucket, { prefix: 'content/' }).objects).toHaveLength(3);
  });
});
