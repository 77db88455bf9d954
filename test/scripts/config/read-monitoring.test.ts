import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readCatalogue } from '../../../infra/exporters/catalogue.ts';
import { entry as jmx } from '../../../infra/exporters/jmx/options.ts';
import { entry as node } from '../../../infra/exporters/node/options.ts';
import { describeMonitoring } from '../../../scripts/config/describe-monitoring.ts';
import { parseMonitoringText, readMonitoring } from '../../../scripts/config/read-monitoring.ts';
import { ConfigError } from '../../../shared/core/errors.ts';
import { runScript } from '../cli-world.ts';

const catalogue = [jmx, node];

function complaint(text: string): string {
  try {
    parseMonitoringText(text, 'monitoring.yml', catalogue);
    return '';
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message;
  }
}

const words = (text: string): string =>
  describeMonitoring(parseMonitoringText(text, 'monitoring.yml', catalogue), catalogue);

test('the monitoring.yml that ships watches every cluster, all nodes and Hadoop daemons', async () => {
  const whole = await readCatalogue();
  const said = describeMonitoring(await readMonitoring('monitoring.yml', whole), whole);
  expect(said.split('\n')).toEqual(
    expect.arrayContaining([
      'Clusters: every cluster.',
      'Labels from tags, beside the usual ones:',
      "  service: the cluster's tag Service",
      "  project: the cluster's tag Project",
      'Exporters:',
      '  jmx: on every MASTER, CORE or TASK node, ports namenode 17101, datanode 17102, resourcemanager 17103, nodemanager 17104, historyserver 17105, hiveserver2 17106, hbase-master 17107, hbase-regionserver 17108, journalnode 17109, zkfc 17110, asked every 15s; beside the daemons, which are not restarted; nodes are asked again every 6 h which daemons run',
      "  node: on every MASTER, CORE or TASK node, port 9100, asked every 15s; somebody else's exporter on the port is left alone and reported as a conflict",
      'Policies:',
      '  limitDeletes: nothing is forgotten when all nodes of a running cluster would go at once',
      'Another version: one node first, one per cluster then, and then at most 10 % of the nodes that have the exporter at once; it stops when more than 10 % of those that tried it failed.',
    ]),
  );
});

test('a selection, no labels and a switched-off exporter are said in words', () => {
  expect(
    words('{clusters: {tags: {Env: [prod, stage, ""], Team: [a]}}, labels: {}, exporters: {node: {enabled: false}}}'),
  ).toBe(
    [
      'Clusters: those whose tag Env is prod, stage or "" and whose tag Team is a.',
      'Labels from tags, beside the usual ones:',
      '  none',
      'Exporters:',
      '  jmx: switched off; it is taken off the nodes that have it',
      '  node: switched off; it is taken off the nodes that have it',
      'Policies:',
      '  limitDeletes: nothing is forgotten when all nodes of a running cluster would go at once',
      'Another version: one node first, one per cluster then, and then at most 10 % of the nodes that have the exporter at once; it stops when more than 10 % of those that tried it failed.',
    ].join('\n'),
  );
});

test('every policy that is in force is said in words', () => {
  const said = words(
    '{exporters: {}, policies: {dryRun: true, pauseInstalls: true, limitDeletes: 5}, rollout: {atOnce: 2.5%}}',
  );
  expect(said).toContain('  dryRun: nothing is ordered, forgotten or dropped; what would be is logged\n');
  expect(said).toContain('  pauseInstalls: nothing is installed or upgraded; what has to go still goes\n');
  expect(said).toContain(
    '  limitDeletes: nothing is forgotten when more than 5 nodes of a running cluster would go at once\n',
  );
  expect(said).toContain('at most 2.5 % of the nodes');
  expect(words('{exporters: {}, policies: {limitDeletes: 50%}}')).toContain(
    'when 50 % or more of the nodes of a running cluster would go at once',
  );
  expect(words('{exporters: {}, policies: {limitDeletes: 1}}')).toContain('when more than 1 node of a running cluster');
});

test('adoption is said in words', () => {
  expect(words('exporters: {node: {options: {adopt: true}}}')).toContain(
    "somebody else's node_exporter on the port is scraped",
  );
});

test('each problem comes with the line of its key, in the order of the file', () => {
  const text = [
    'exporters:',
    '  node:',
    '    roles:',
    '      - MAIN',
    '    port: 80',
    'clusters:',
    '  tags: {Project: []}',
  ];
  expect(complaint(text.join('\n'))).toMatch(
    /^monitoring\.yml: 3 problems\n {2}line 3: exporters\.node\.roles\.0 is "MAIN".*\n {2}line 5: exporters\.node\.port is 80; expected a whole number from 1024 to 65535\n {2}line 7: clusters\.tags\.Project is \[\]/,
  );
});

test.each([
  ['clustr: {}', 'clusters'],
  ['exporters: {node: {prot: 9100}}', 'port'],
  ['exporters: {node: {options: {adpot: true}}}', 'adopt'],
  ['exporters: {nod: {}}', 'node'],
])('%s: the nearest known key is %s', (text, nearest) => {
  expect(complaint(text)).toContain(`; did you mean ${nearest}?`);
});

test('a key that resembles none is not guessed at', () => {
  expect(complaint('{exporters: {}, kubernetes: {}}')).toMatch(
    /expected one of the keys clusters, labels, exporters, policies, rollout$/,
  );
});

test('YAML that cannot be read is named with its line', () => {
  expect(complaint('exporters:\n  node:\n   - [')).toMatch(/line 3: not valid YAML/);
  expect(complaint('exporters: {}\nexporters: {}')).toMatch(/line 2: not valid YAML: Map keys must be unique/);
});

test('an empty file is a problem and not a stack that watches nothing', () => {
  expect(complaint('# nothing\n')).toBe(
    'monitoring.yml: 1 problem\n  line 1: the file is null; expected a mapping with the key exporters',
  );
});

test('a file that is not there is named', async () => {
  await expect(readMonitoring('missing.yml', catalogue)).rejects.toThrow(/^missing\.yml cannot be read/);
});

test('npm run config ends with an error and without a stack trace where there are problems, else says what it means', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const run = (text: string) => {
    writeFileSync(join(folder, 'monitoring.yml'), text);
    return spawnSync(process.execPath, [join(import.meta.dirname, '../../../scripts/config/config.ts')], {
      cwd: folder,
      encoding: 'utf8',
    });
  };
  expect(run('exporters: {node: {port: 80}}')).toMatchObject({
    status: 1,
    stderr:
      'monitoring.yml: 1 problem\n  line 1: exporters.node.port is 80; expected a whole number from 1024 to 65535\n',
  });
  expect(run('exporters: {node: {port: 9101}}')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('port 9101'),
  });
});

test('npm run config refuses an option that it does not have, and says which it has', async () => {
  const { code, stderr } = await runScript('config', ['--wriet']);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^Unknown option '--wriet'\n\nnpm run config \[-- --write\]/),
  ]);
});
