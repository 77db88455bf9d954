import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lockedExporter, readExportersLock } from '../../../scripts/exporters/exporters-lock.ts';
import { settingsAndDocuments } from '../../../scripts/package/package-stack.ts';
import { statusCommand } from '../../../scripts/status/status.ts';
import type { Status } from '../../../scripts/status/status-view.ts';
import { type ClusterRecord, renderRecord } from '../../../shared/core/record.ts';
import { ago, aNode, aRecord, installed, MINUTE, NOW, someWork } from '../../core/sample-record.ts';
import { cliWorld, runScript } from '../cli-world.ts';

/** A stack with node_exporter alone. */
const folder = await mkdtemp(join(tmpdir(), 'status-'));
afterAll(() => rm(folder, { recursive: true }));
const lock = join(folder, 'node.lock');
await writeFile(lock, JSON.stringify({ node: lockedExporter(await readExportersLock(), 'node') }));
const { settings } = await settingsAndDocuments(lock);
const revision = settings.exporters[0]?.revision ?? '';
const done = { ...installed, revision };
const [A, B, C, D, E] = ['i-0000000a', 'i-0000000b', 'i-0000000c', 'i-0000000d', 'i-0000000e'] as const;

/** A cluster of every kind of story. */
const etl = aRecord({
  clusterId: 'j-1',
  configHash: settings.hash,
  observedAt: ago(3 * MINUTE),
  nodes: {
    [A]: aNode({ role: 'MASTER', exporters: { node: { installed: done } } }),
    [B]: aNode({
      exporters: {
        node: { work: someWork({ revision, phase: 'failed', attempt: 2, at: ago(MINUTE), reason: 'disk full' }) },
      },
    }),
    [C]: aNode({
      exporters: {
        node: { work: someWork({ revision, phase: 'gaveUp', attempt: 6, at: ago(90 * MINUTE), reason: 'disk full' }) },
      },
    }),
    [D]: aNode({ leaving: true, exporters: { node: { installed: done } } }),
    [E]: aNode({
      exporters: {
        node: { work: someWork({ revision, phase: 'gaveUp', attempt: 6, at: ago(90 * MINUTE), reason: 'disk full' }) },
      },
    }),
  },
});

async function stand(records: readonly ClusterRecord[]) {
  const it = await cliWorld();
  for (const record of records)
    it.account.s3.put(it.bucket, `clusters/${record.clusterId}.json`, { body: renderRecord(record) });
  return it;
}

async function run(args: readonly string[] = [], env = {}) {
  const printed: string[] = [];
  const code = await statusCommand(args, { EXPORTERS_LOCK: lock, ...env }, (text) => void printed.push(text), NOW);
  return { code, printed: printed.join('\n') };
}

test('npm run status shows clusters, their nodes by exporter and phase, what is not done, why, since when and what next', async () => {
  await stand([etl, aRecord({ clusterId: 'j-2', name: 'ml', selected: false, nodes: {}, configHash: settings.hash })]);
  const { code, printed } = await run();
  expect(printed.split('\n')).toEqual([
    '2 clusters, 5 nodes: node: 1 failed, 2 gaveUp, 2 installed',
    '',
    'CLUSTER  NAME  STATE                 NODES  EXPORTERS                              CHANGED',
    'j-1      etl   RUNNING               5      node: 1 failed, 2 gaveUp, 2 installed  3 min ago',
    'j-2      ml    RUNNING, not watched  0                                             0 s ago',
    '',
    'Not done:',
    'CLUSTER  NODE                 EXPORTER  PHASE   SINCE     REASON     NEXT',
    'j-1      i-0000000b           node      failed  60 s ago  disk full  again in 60 s, run 3 of 6',
    'j-1      i-0000000c + 1 more  node      gaveUp  2 h ago   disk full  gave up after 6 runs: npm run backfill -- --force j-1',
  ]);
  expect(code).toBe(0);
});

test('npm run status -- j-… shows every node of the cluster with its exporters', async () => {
  await stand([etl]);
  const { stdout, code } = await runScript('status', ['j-1', '--bucket', 'prometheus-on-emr-dev-bucket']);
  expect(stdout).toMatch(
    /^j-1 etl: RUNNING, 5 nodes, changed \d+ \w+ ago\n\nNODE +ROLE +STATE +EXPORTER +PHASE +VERSION +SINCE +REASON +NEXT\n/,
  );
  expect(stdout).toMatch(/^i-0000000a +MASTER +RUNNING +node +installed +1\.12\.1 +/m);
  expect(stdout).toMatch(/^i-0000000d +CORE +RUNNING, leaving +node +installed +/m);
  expect(code).toBe(0);
});

test('--json says the same for programs', async () => {
  await stand([etl]);
  const { printed } = await run(['--json']);
  expect(JSON.parse(printed)).toMatchObject({
    at: NOW.toISOString(),
    clusters: [
      {
        clusterId: 'j-1',
        state: 'RUNNING',
        nodes: [
          { node: A, exporters: [{ exporter: 'node', phase: 'installed', version: '1.12.1' }] },
          {
            node: B,
            exporters: [
              { phase: 'failed', reason: 'disk full', since: ago(MINUTE), next: expect.any(String) as string },
            ],
          },
          { node: C },
          { node: D, leaving: true },
          { node: E },
        ],
      },
    ],
    unreadable: [],
    rollouts: [{ exporter: 'node', version: '1.12.1', stage: 'none', total: 2, done: 2 }],
    otherwiseConfigured: 0,
    retiring: 0,
  });
});

test('a rollout on its way is told with its stage, and a node that waits for its turn', async () => {
  const old = { ...installed, version: '1.11.0', revision: 'r1' };
  const record = aRecord({
    clusterId: 'j-1',
    nodes: {
      [A]: aNode({ exporters: { node: { installed: { ...done, from: 'r1' } } } }),
      [B]: aNode({ exporters: { node: { installed: old } } }),
    },
  });
  await stand([record]);
  const { printed } = await run();
  expect(printed).toContain('Rollout of node 1.12.1: the rest follows; 1 of 2 nodes have it, 0 failed.');
  expect(printed).toMatch(/^j-1 +i-0000000b +node +installed .*1\.12\.1 when its turn in the rollout comes$/m);
  expect(printed).toContain("1 record made under another configuration than this checkout's");
});

test('what a policy holds is told with its reason', async () => {
  await stand([
    aRecord({
      clusterId: 'j-1',
      held: 'dryRun',
      nodes: {
        [A]: aNode({
          held: 'limitDeletes: 1 of 1 nodes at once',
          exporters: { node: { held: 'installs are paused' } },
        }),
      },
    }),
  ]);
  const { printed } = await run();
  expect(printed).toMatch(/^j-1 +held +dryRun$/m);
  expect(printed).toMatch(/^j-1 +i-0000000a +held +limitDeletes: 1 of 1 nodes at once$/m);
  expect(printed).toMatch(
    /^j-1 +i-0000000a +node +none +installs are paused +as soon as the policies in monitoring\.yml let it$/m,
  );
});

test('a record that cannot be read is named, hides no other, and ends with code 1', async () => {
  const { account, bucket } = await stand([etl]);
  account.s3.put(bucket, 'clusters/j-9.json', { body: '{"schema":99}' });
  const { code, printed } = await run();
  expect(printed).toContain(
    'The record of j-9 cannot be read, and nothing is done for it: clusters/j-9.json: schema 99 is newer',
  );
  expect(printed).toMatch(/^j-1 /m);
  expect(code).toBe(1);
  expect((await run(['j-9'])).printed).toContain('The record of j-9 cannot be read');
});

test('nothing at all is said as such', async () => {
  await stand([]);
  expect(await run()).toEqual({ code: 0, printed: '0 clusters, 0 nodes: nothing installed' });
});

test.each<[string, readonly string[], RegExp]>([
  [
    'a cluster that has ended',
    ['j-7'],
    /^j-7 has ended; its last record is in the bucket, ended\/j-7\.json, for 7 days$/,
  ],
  ['a cluster without record', ['j-8'], /^there is no record of j-8: .*npm run backfill -- --dry-run j-8 asks EMR$/],
  ['another stage', ['--stage', 'prod'], /^nothing is deployed as stage prod in us-east-1: deploy first/],
  [
    'a bucket that is not there',
    ['--bucket', 'nobodys'],
    /^the bucket does not exist: name another --bucket, or leave it out and the stack is asked$/,
  ],
  ['two clusters', ['j-1', 'j-2'], /^one cluster or all of them\n\nnpm run status/],
  ['a typo', ['--jsn'], /^Unknown option '--jsn'[^]*npm run status -- \[options\]/],
])('%s: the error says what is wrong', async (_title, args, words) => {
  const { account, bucket } = await stand([etl]);
  account.s3.put(bucket, 'ended/j-7.json', { body: renderRecord({ ...etl, clusterId: 'j-7' }) });
  await expect(run(args)).rejects.toMatchObject({ message: expect.stringMatching(words) as string });
});

test('a stage that is left at its removal says so, and how it is taken back', async () => {
  await stand([aRecord({ clusterId: 'j-1', selected: false, nodes: {}, configHash: `${settings.hash}-retired` })]);
  const { printed } = await run();
  expect(printed).toContain(
    'npm run remove was begun: in 1 cluster everything is taken off and nothing installed. npm run deploy takes it back.',
  );
  expect(printed).not.toContain('another configuration');
});

test('what a node says reaches the terminal without what a terminal obeys, and programs unchanged', async () => {
  const reason = 'full\u001b]52;c;ZXZpbA==\u0007\u009b2J\nj-2 all is well\u202e';
  const work = someWork({ revision, phase: 'gaveUp', attempt: 6, at: ago(MINUTE), reason });
  await stand([aRecord({ clusterId: 'j-1', nodes: { [A]: aNode({ exporters: { node: { work } } }) } })]);
  expect((await run(['j-1'])).printed).toContain('full?]52;c;ZXZpbA==??2J j-2 all is well?');
  const { printed } = await run(['--json']);
  expect(printed).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
  const { clusters } = JSON.parse(printed) as Status;
  expect(clusters[0]?.nodes[0]?.exporters[0]?.reason).toBe(reason);
});
