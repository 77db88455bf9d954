import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../sandbox/demo/free-port.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { type Alertmanager, prepareAlertmanager } from '../../scripts/prepare/prepare-alertmanager.ts';
import { alerts, testFiles } from '../infra/prometheus/alert-rules.ts';

const home = mkdtempSync(join(tmpdir(), 'alertmanager-'));
afterAll(() => rmSync(home, { recursive: true }));
const file = join(home, 'alertmanager.yml');
const withoutTopic = join(home, 'without-topic.yml');
let build: Alertmanager;
let config: string;

beforeAll(async () => {
  build = await prepareAlertmanager(cacheFolder(process.env));
  config = (await readFile('infra/alertmanager/alertmanager.yml', 'utf8'))
    .replaceAll('${REGION}', 'eu-west-1')
    .replaceAll('${GRAFANA_URL}', 'https://g')
    .replaceAll('${TOPIC_ARN}', 'arn:aws:sns:eu-west-1:123456789012:on-call');
  await writeFile(file, config);
  await writeFile(withoutTopic, config.replaceAll(/^ *# topic:begin\n[^]*?# topic:end\n/gm, ''));
});

const amtool = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(build.amtool, args, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
};

test('amtool takes the configuration, with a topic and without', () => {
  expect(amtool('check-config', file)).toEqual({ status: 0, said: expect.stringContaining('2 receivers') });
  expect(amtool('check-config', withoutTopic)).toEqual({ status: 0, said: expect.stringContaining('2 receivers') });
});

test.each([
  ['critical', 'people'],
  ['warning', 'people'],
  ['info', 'notes'],
])('what is %s goes to %s', (severity, receiver) => {
  const labels = [`severity=${severity}`, 'cluster_id=j-1', 'alertname=EmrNodeDown'];
  expect(amtool('config', 'routes', 'test', `--config.file=${file}`, ...labels)).toEqual({
    status: 0,
    said: `${receiver}\n`,
  });
});

interface Inhibition {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
}

/** Evaluations are 30 s apart, and the shortest group_wait is 10 s. */
const HEAD_START_MINUTES = 1;

test('what silences others rings at least a minute before them', () => {
  const { inhibit_rules: rules } = parse(config) as { readonly inhibit_rules: readonly Inhibition[] };
  const matches = (matcher: string, labels: Readonly<Record<string, string>>): boolean => {
    const [, name = '', operator = '', value = ''] = /^(\w+)(!?=~?)"(.*)"$/.exec(matcher) ?? [];
    const isMatch = new RegExp(`^(?:${value})$`).test(labels[name] ?? '');
    return operator.startsWith('!') ? !isMatch : isMatch;
  };
  const minutes = (time = ''): number => Number(/^(\d+)m$/.exec(time)?.[1]);
  const cases = testFiles.flatMap(({ tests }) => tests.flatMap(({ alert_rule_test: some = [] }) => some));
  const all = alerts.map(({ alert: name, for: time }) => {
    const told = cases.find(({ alertname, exp_alerts: expected = [] }) => alertname === name && expected.length > 0);
    return { name, after: minutes(time), labels: { ...told?.exp_alerts?.[0]?.exp_labels, alertname: name } };
  });
  // At once (0m): an event of its own, whatever came of the node.
  const late = rules.flatMap(({ source_matchers: [source = ''], target_matchers: targets }) => {
    const first = all.find(({ labels }) => matches(source, labels));
    const silenced = all.filter(
      ({ after, labels }) => after > 0 && targets.every((matcher) => matches(matcher, labels)),
    );
    expect(silenced.length).toBeGreaterThan(3);
    return silenced.filter(({ after }) => after < (first?.after ?? NaN) + HEAD_START_MINUTES || first === undefined);
  });
  expect(late.map(({ name }) => name)).toEqual([]);
});

test('alerts that silence others exist', () => {
  const named = [...config.matchAll(/source_matchers: \[alertname="(\w+)"\]/g)].map(([, name]) => name);
  expect(named).toHaveLength(3);
  expect(named.filter((name) => !alerts.some(({ alert }) => alert === name))).toEqual([]);
});

describe('a running Alertmanager', () => {
  const labels = (alertname: string, cluster: string, more: Readonly<Record<string, string>> = {}) => ({
    alertname,
    cluster_id: cluster,
    cluster_name: 'Ünläut "x" '.repeat(20),
    severity: 'warning',
    ...more,
  });

  test('tells the topic of one cluster at a time, and of no node of a cluster that is down, in words that SNS takes', async () => {
    const { url, published } = await running();
    const silenced = [
      labels('EmrNodeDown', 'j-DOWN', { instance: 'i-1' }),
      labels('EmrIdle', 'j-DOWN', { severity: 'info' }),
      labels('EmrExporterDown', 'j-NODE', { instance: 'i-3' }),
      labels('EmrHdfsSafeMode', 'j-HDFS', { emr: 'hdfs' }),
    ];
    const told = [
      labels('EmrClusterDown', 'j-DOWN', { severity: 'critical' }),
      labels('EmrNodeDown', 'j-NODE', { instance: 'i-3' }),
      labels('EmrExporterDown', 'j-NODE', { instance: 'i-4' }),
      labels('EmrHdfsNoActiveNameNode', 'j-HDFS', { emr: 'hdfs', severity: 'critical' }),
      labels('EmrOomKill', 'j-HDFS', { emr: 'platform' }),
      labels('Größe "Ω" '.repeat(30), 'j-OWN', { severity: 'schlimmer\nals alles' }),
      labels('EmrSidecarDown', '', { cluster_name: '' }),
    ];
    const annotations = { summary: 'It says so', description: 'Do that', runbook_url: 'u', dashboard: '/d' };
    await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([...silenced, ...told].map((one) => ({ labels: one, annotations }))),
    });
    // It takes in what silences and what is silenced one after another, after its answer.
    const read = (query: string) => () => readAlerts(`${url}/api/v2/alerts?${query}`);
    await expect.poll(read('active=false&inhibited=true')).toEqual(silenced.map(nameOf).toSorted());
    await expect.poll(read('inhibited=false')).toEqual(told.map(nameOf).toSorted());
    await vi.waitFor(() => expect(published).toHaveLength(6), { timeout: 240_000 });
    expect(new Set(published.map(({ Subject }) => Subject))).toEqual(
      new Set([
        '[critical] EmrClusterDown j-DOWN ?nl?ut "x" ?nl?ut "x',
        '[critical] EmrHdfsNoActiveNameNode j-HDFS ?nl?ut "x" ?nl?ut "x',
        '[warning] EmrOomKill j-HDFS ?nl?ut "x" ?nl?ut "x',
        '[warning] EmrNodeDown (+1) j-NODE ?nl?ut "x" ?nl?ut "x',
        '[schlimmer?] Gr??e "?" Gr??e "?" Gr??e "?" Gr??e "?"  j-OWN ?nl?ut "x" ?nl?ut "x',
        '[warning] EmrSidecarDown',
      ]),
    );
    expect(published[0]?.TopicArn).toBe('arn:aws:sns:eu-west-1:123456789012:on-call');
    expect(published[0]?.Message).toMatch(
      /: It says so\nDo that\nRunbook: u\nDashboard: https:\/\/g\/d\nSince 20.* UTC\n/,
    );
  });
});

/** What SNS takes as one: "ASCII text that begins with a letter, number, or punctuation mark", below 100 characters. */
const SUBJECT = /^[!-~][ -~]{0,98}$/;

/** What SNS is asked to publish (Publish, form parameters). */
interface Published {
  readonly TopicArn: string;
  readonly Subject: string;
  readonly Message: string;
}
type Labels = Readonly<Record<string, string>>;
const nameOf = ({ alertname, cluster_id: cluster = '', instance = '' }: Labels): string =>
  `${alertname} ${cluster} ${instance}`;

async function readAlerts(url: string): Promise<readonly string[]> {
  const all = (await (await fetch(url)).json()) as readonly { readonly labels: Labels }[];
  return all.map(({ labels }) => nameOf(labels)).toSorted();
}

/** On a port of its own, with an SNS that keeps what is published; groups wait for a second instead of minutes. */
async function running() {
  const published: Published[] = [];
  const sns = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const { TopicArn = '', Subject = '', Message = '' } = Object.fromEntries(new URLSearchParams(body));
      if (SUBJECT.test(Subject)) published.push({ TopicArn, Subject, Message });
      else response.statusCode = 400;
      response.setHeader('content-type', 'text/xml');
      response.end('<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>');
    })();
  }).listen(0, '127.0.0.1');
  await once(sns, 'listening');
  onTestFinished(() => void sns.close());
  const quick = config
    .replaceAll(/group_wait: \S+/g, 'group_wait: 1s')
    .replaceAll(
      /^( *)- topic_arn/gm,
      `$1- api_url: http://127.0.0.1:${(sns.address() as AddressInfo).port}\n$1  topic_arn`,
    );
  const quickFile = join(home, 'quick.yml');
  await writeFile(quickFile, quick);
  const port = await freePort('127.0.0.1');
  const child = spawn(
    build.alertmanager,
    [
      `--config.file=${quickFile}`,
      `--storage.path=${home}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    { env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }, stdio: 'ignore' },
  );
  onTestFinished(async () => {
    child.kill();
    await once(child, 'close');
  });
  const url = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => expect((await fetch(`${url}/-/ready`)).ok).toBe(true), { timeout: 240_000 });
  return { url, published };
}
