import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDaemons } from '../../sandbox/hadoop/run-daemons.ts';
import { runScript } from '../../sandbox/hadoop/run-script.ts';
import { until } from '../../sandbox/until.ts';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { preparePrometheus } from '../../scripts/prepare/prepare-prometheus.ts';
import { body, startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { graphiteOrders, type GraphiteOrders } from './graphite-orders.ts';
import { bootHadoopNode } from './jmx-node.ts';
import { lockOf, prepared } from './releases.ts';
import { ask, metricsOf, runDocument, tracesOf } from './run-document.ts';
import { until as untilTrue } from './stand-ins.ts';

// A real ResourceManager, which needs no node to accept an application. In this order: names come, go, and are taken away.
const UNIT = 'prometheus-on-emr-graphite-applications';
const PROGRAM = '/opt/prometheus-on-emr/graphite/application-names.sh';
const PAGE = '/opt/prometheus-on-emr/node/textfile/spark-applications.prom';
/** Of all that it has said so far: what journald has not read yet would be missing. */
const JOURNAL = `journalctl --sync; journalctl -u ${UNIT} -o cat`;
const HOSTILE = 'up{x="1"} 2\n# HELP up "队\\列"\u202e';
const SHOWN = String.raw`up{x=\"1\"} 2 # HELP up \"队\\列\"`;

let server: ArtifactServer;
let orders: GraphiteOrders;
let node: SandboxNode;
let promtool: string;

beforeAll(async () => {
  server = await startArtifactServer();
  [orders, node, { promtool }] = await Promise.all([
    graphiteOrders(server),
    bootHadoopNode(47, server.authority),
    preparePrometheus(cacheFolder(process.env)),
  ]);
  await startDaemons(node, ['resourcemanager']);
});
afterAll(async () => {
  await node.kill();
  server.close();
});

const install = async (Applications: 'true' | 'false' = 'true') =>
  await runDocument(node, orders.install({ Applications }));
async function installNode(): Promise<void> {
  const { release } = await prepared();
  const url = server.on('/node', body(release.bytes));
  const parameters = { UrlAmd64: url, UrlArm64: url, Port: '9100', Adopt: 'false' };
  expect(await runDocument(node, { lock: lockOf(release), parameters })).toMatchObject({ code: 0 });
}

/** What YARN's REST answers hadoop. */
async function yarn(method: string, path: string, content?: unknown): Promise<unknown> {
  const answer = await fetch(`http://${node.address}:8088/ws/v1/cluster/apps${path}?user.name=hadoop`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(content === undefined ? {} : { body: JSON.stringify(content) }),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  const text = await answer.text();
  return text === '' ? undefined : JSON.parse(text);
}
async function submit(name: string, type: string): Promise<string> {
  const { 'application-id': id } = (await yarn('POST', '/new-application')) as { readonly 'application-id': string };
  await yarn('POST', '', {
    'application-id': id,
    'application-name': name,
    'application-type': type,
    'am-container-spec': { commands: { command: 'sleep 60' } },
    resource: { memory: 128, vCores: 1 },
  });
  return id;
}

const infos = async (): Promise<readonly string[]> =>
  (await metricsOf(node)).split('\n').filter((line) => line.startsWith('spark_application_info{'));
const untilInfos = async (count: number): Promise<true> =>
  await until(`${count} names`, async () => ((await infos()).length === count ? true : undefined));
/** Each second instead of twice a minute, and patient for as many. */
const hurry = async (patience = 6): Promise<string> =>
  await ask(
    node,
    `sed -i 's/^PERIOD=.*/PERIOD=1/; s/^PATIENCE=.*/PATIENCE=${patience}/' ${PROGRAM} && systemctl restart ${UNIT}`,
  );
const gone = async (): Promise<string> =>
  await ask(
    node,
    `ls -d ${PROGRAM} ${PAGE} /etc/systemd/system/${UNIT}* /etc/systemd/system/*.wants/${UNIT}* 2>/dev/null; :`,
  );

test('the names of Spark applications are on the page of node_exporter, whatever they are', async () => {
  const id = await submit(HOSTILE, 'SPARK');
  await submit('word count', 'MAPREDUCE');
  await installNode();
  expect(await install()).toMatchObject({ code: 0, report: { outcome: 'installed', changed: true } });
  await untilInfos(1);
  expect(await infos()).toEqual([
    `spark_application_info{application_id="${id}",application_name="${SHOWN}",queue="root.default",user="hadoop"} 1`,
  ]);
  const page = await metricsOf(node);
  expect(page).toMatch(/^spark_applications_dropped 0$/m);
  expect(page).toMatch(/^node_textfile_scrape_error 0$/m);
  const { status, stderr } = spawnSync(promtool, ['check', 'metrics'], {
    input: `${await ask(node, `cat ${PAGE}`)}\n`,
  });
  expect({ status, said: stderr.toString() }).toEqual({ status: 0, said: '' });
});

test('a second order changes nothing', async () => {
  const state = `systemctl show -p MainPID ${UNIT}; find /etc/systemd ${PROGRAM} -printf '%p %C@\\n' | sort`;
  const before = await ask(node, state);
  expect(await install()).toMatchObject({ code: 0, report: { outcome: 'installed', changed: false } });
  expect(await ask(node, state)).toBe(before);
});

test('root may only become another user, who asks, and everybody may read the page', async () => {
  const status = `/proc/$(systemctl show -p MainPID ${UNIT} | cut -d= -f2)/status`;
  expect((await ask(node, `grep -E '^(Seccomp|NoNewPrivs|CapBnd):' ${status}`)).replaceAll(/\s+/g, ' ')).toBe(
    'CapBnd: 00000000000000c0 NoNewPrivs: 1 Seccomp: 2',
  );
  expect(await ask(node, `stat -c '%U %a' ${PAGE}`)).toBe('root 644');
  expect(await ask(node, `systemd-analyze verify /etc/systemd/system/${UNIT}.service 2>&1`)).not.toMatch(
    /[Uu]nknown|[Ff]ailed/,
  );
  await hurry();
  await ask(node, 'systemctl kill -s STOP hadoop-yarn-resourcemanager');
  await untilTrue(node, '[ "$(ps -C curl -o user:40= | sort -u)" = prometheus-on-emr-graphite ]');
  await ask(node, 'systemctl kill -s CONT hadoop-yarn-resourcemanager');
  await untilInfos(1);
});

test('an application that ends is told no more', async () => {
  const id = await submit('short', 'spark');
  await untilInfos(2);
  expect((await infos()).filter((line) => line.includes(id))).toHaveLength(1);
  await yarn('PUT', `/${id}/state`, { state: 'KILLED' });
  expect(await untilInfos(1)).toBe(true);
});

test('a textfile folder that is made anew has the page again', async () => {
  const folder = PAGE.slice(0, PAGE.lastIndexOf('/'));
  await ask(node, `rm -rf ${folder}`);
  await untilTrue(node, `journalctl -u ${UNIT} -o cat | grep -q 'there is no ${folder}'`);
  await ask(node, `mkdir ${folder}`);
  expect(await untilInfos(1)).toBe(true);
});

test('a ResourceManager that is silent takes its page with it, and brings it again', async () => {
  const why = 'no names: the ResourceManager does not answer';
  const said = async () => Number(await ask(node, `${JOURNAL} | grep -c '${why}' || :`));
  const before = await said(); // once more, if it was slow
  await ask(node, 'systemctl kill -s KILL hadoop-yarn-resourcemanager');
  await untilInfos(0);
  expect((await said()) - before).toBe(1);
  await startDaemons(node, ['resourcemanager']);
  await submit('again', 'SPARK');
  await untilInfos(1);
});

test('an exporter of names that dies leaves no page behind', async () => {
  await ask(node, `systemctl mask --runtime ${UNIT} && systemctl kill -s KILL ${UNIT}`);
  await untilTrue(node, `[ ! -e ${PAGE} ]`);
  expect(await infos()).toEqual([]);
  await ask(node, `systemctl unmask --runtime ${UNIT}`);
});

/** A program that answers with a status, and nothing else. */
const REFUSES = String.raw`
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalPort => 8088, Listen => 5, ReuseAddr => 1) or die $!;
while (my $client = $server->accept) {
  while (<$client>) { last if /^\r?$/ }
  print $client "HTTP/1.1 $ARGV[0] x\r\nLocation: http://10.42.0.99:8088/\r\nConnection: close\r\n\r\nnothing\n";
}`;

/** In the place of the ResourceManager, as soon as that is dead. */
const answerOnly = async (status: number): Promise<string> =>
  await ask(
    node,
    `systemctl kill -s KILL hadoop-yarn-resourcemanager; systemctl stop refuses 2>/dev/null; systemd-run --quiet \
      --unit=refuses -p Restart=always -p RestartSec=0.2 -p StartLimitIntervalSec=0 perl /root/refuses.pl ${status}`,
  );

test('a page outlives the answers, but not a ResourceManager that is not the active one any more: it is gone at once', async () => {
  await hurry(600);
  await untilInfos(1);
  await writeFile(join(node.root, 'root/refuses.pl'), REFUSES);
  const untilSaid = async (why: string) =>
    await untilTrue(node, `journalctl -u ${UNIT} -o cat -n 1 | grep -qx 'no names: the ResourceManager ${why}'`);
  await answerOnly(503);
  await untilSaid('does not answer: status 503');
  expect(await infos()).toHaveLength(1);
  await answerOnly(307);
  await untilTrue(node, `[ ! -e ${PAGE} ]`);
  await untilSaid('of this node is not the active one');
  expect(await infos()).toEqual([]);
});

test('a ResourceManager that wants a login is not asked any more, and it is said', async () => {
  await answerOnly(401);
  await untilTrue(node, `curl -s ${node.address}:8088 | grep -q nothing`);
  const reason = 'no names of applications: the ResourceManager wants a login';
  expect(await install()).toMatchObject({ report: { outcome: 'installed', changed: true, reason } });
  expect(await gone()).toBe('');
  await ask(node, 'systemctl stop refuses');
  expect(await install()).toMatchObject({ report: { outcome: 'installed', changed: true } });
});

test('with the switch off nothing of it is left, and once is enough', async () => {
  expect(await install('false')).toMatchObject({ code: 0, report: { outcome: 'installed', changed: true } });
  expect(await gone()).toBe('');
  expect(await infos()).toEqual([]);
  expect(await install('false')).toMatchObject({ report: { outcome: 'installed', changed: false } });
});

test.each([
  [
    'Kerberos',
    'core-site.xml',
    'hadoop.security.authentication',
    'kerberos',
    'no names of applications: the cluster uses Kerberos',
  ],
  [
    'a ResourceManager on another node',
    'yarn-site.xml',
    'yarn.resourcemanager.webapp.address',
    '10.42.0.99:8088',
    undefined,
  ],
])('with %s it is taken away, and said why', async (_what, file, name, value, reason) => {
  expect(await install()).toMatchObject({ report: { outcome: 'installed', changed: true } });
  const site = `/etc/hadoop/conf/${file}`;
  const property = `<property><name>${name}</name><value>${value}</value></property>`;
  await runScript(node, `cp ${site} /root/${file} && sed -i 's#</configuration>#${property}&#' ${site}`);
  const { report } = await install();
  expect(report).toMatchObject({ outcome: 'installed', changed: true });
  expect(report?.reason).toBe(reason);
  expect(await gone()).toBe('');
  await ask(node, `cp /root/${file} ${site}`);
});

test('uninstalled with the exporter, it leaves nothing', async () => {
  expect(await install()).toMatchObject({ report: { outcome: 'installed', changed: true } });
  expect(await runDocument(node, orders.uninstall)).toMatchObject({ code: 0, report: { outcome: 'removed' } });
  expect(await gone()).toBe('');
  expect(await tracesOf(node)).not.toMatch(/graphite/);
});
