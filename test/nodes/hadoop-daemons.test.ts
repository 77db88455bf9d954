import { spawnSync } from 'node:child_process';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { daemons as known } from '../../infra/exporters/jmx/daemons.ts';
import { ALL_DAEMONS, type DaemonName, hadoopDaemons } from '../../sandbox/hadoop/daemon-table.ts';
import { JOB_MS, runMapReduceJob } from '../../sandbox/hadoop/map-reduce-job.ts';
import {
  daemonProcesses,
  type DaemonProcesses,
  readJmx,
  startDaemons,
  stopDaemons,
} from '../../sandbox/hadoop/run-daemons.ts';
import { runScript } from '../../sandbox/hadoop/run-script.ts';
import { until } from '../../sandbox/until.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { preparePrometheus } from '../../scripts/prepare/prepare-prometheus.ts';
import { bootHadoopNode, jmxNode } from './jmx-node.ts';
import { numbersOf, rulesOf, saidBy } from './jmx-page.ts';
import { runDocument } from './run-document.ts';
import { layHold } from './tripwire.ts';

// Five real daemons on one node, in this order: as they are, after a job, measured, and without us again. A cluster of three
// roles: test/e2e/hadoop.test.ts.
const Ports = known.map(({ name, port }) => `${name}=${port}`).join(',');
const measured = known.filter(({ name }) => ALL_DAEMONS.some((daemon) => daemon === name));
const ENDPOINTS = measured.map(({ name, port }) => ({ port, labels: { daemon: name } }));

const jmx = jmxNode((trust) => bootHadoopNode(150, trust, { provisioning: 'SUCCESSFUL' }));
let started: DaemonProcesses;
let promtool: string;

beforeAll(async () => {
  ({ promtool } = await preparePrometheus(cacheFolder(process.env)));
  await startDaemons(jmx.node, ALL_DAEMONS);
  started = await jmx.daemons.remember();
});

test.each(ALL_DAEMONS)('%s runs under its user, marked in its options, and answers /jmx', async (name) => {
  const [runtime] = await readJmx(jmx.node, name, 'java.lang:type=Runtime');
  expect(runtime?.['Name']).toBe(`${started[name]?.pid}@${jmx.node.hostname}`);
  expect(runtime?.['InputArguments']).toEqual(expect.arrayContaining([`-Dproc_${name}`, '-Xmx256m']));
  const { folder, user } = hadoopDaemons[name];
  expect(await runScript(jmx.node, `cat /var/run/${folder}/hadoop-${user}-${name}.pid`)).toBe(`${started[name]?.pid}`);
});

test('a node says, as on EMR, that its provisioning is over', async () => {
  const file = '/emr/instance-controller/lib/info/job-flow-state.txt';
  expect(await runScript(jmx.node, `grep -A1 'nodeProvisionCheckinRecord {' ${file}`)).toContain('status: SUCCESSFUL');
});

test(
  'a MapReduce job succeeds, the history server tells it a client, and no daemon is another one after it',
  async () => {
    const application = await runMapReduceJob(jmx.node);
    // The history server counts requests by kind from a client's first on.
    const status = `mapred job -status ${application.replace('application', 'job')}`;
    expect(await runScript(jmx.node, `su hadoop -c '${status}' </dev/null 2>&1`)).toContain('SUCCEEDED');
  },
  2 * JOB_MS,
);

test('five daemons take less than 1.3 GB', async () => {
  const kilobytes = await runScript(
    jmx.node,
    `cat /proc/*/status 2>/dev/null | awk '/^Name/ { java = $2 == "java" } /^VmRSS/ && java { sum += $2 } END { print sum }'`,
  );
  expect(Number(kilobytes)).toBeGreaterThan(500_000);
  expect(Number(kilobytes)).toBeLessThan(1_300_000);
});

test("a stranger's process with a daemon's mark is not taken for the daemon", async () => {
  const stranger = 'systemd-run --quiet --unit=stranger --uid=hadoop bash -c "exec -a -Dproc_namenode sleep 60"';
  await runScript(jmx.node, stranger);
  onTestFinished(async () => void (await runScript(jmx.node, 'systemctl stop stranger')));
  expect(await daemonProcesses(jmx.node)).toEqual(started);
});

test('five real daemons are told, each with its own metrics, and a second order changes nothing', async () => {
  const { code, report } = await jmx.installAll({ Ports }, ENDPOINTS.length);
  expect({ code, endpoints: report?.endpoints }).toEqual({ code: 0, endpoints: ENDPOINTS });
  for (const { port, prefix } of measured) {
    const page = await jmx.page(port);
    expect(page).toMatch(new RegExp(`^${prefix}`, 'm'));
    expect(page).toMatch(/^jmx_scrape_error 0\.0$/m);
  }
  expect(await jmx.install({ Ports })).toMatchObject({
    code: 0,
    report: { outcome: 'installed', changed: false, endpoints: ENDPOINTS },
  });
});

const pageOf = async (name: DaemonName): Promise<string> =>
  await jmx.page(measured.find((daemon) => daemon.name === name)?.port ?? 0);

/** Of Hadoop before 3.4, of clusters with queues, partitions or Spark that this one has not, or of errors. */
const ABSENT = /LogFatal|LogError|LogWarn|LogInfo|q2=|partition=|sparkShuffleService|IOException/;
const within = (value: number, before: number, after: number): boolean =>
  value >= Math.min(before, after) && value <= Math.max(before, after);

describe.each(ALL_DAEMONS)('%s', (name) => {
  test('every rule has its metric, with the value that the daemon itself tells', async () => {
    // A daemon takes its own metrics anew every ten seconds: within one such time all three readings agree.
    let said = await saidBy(jmx.node, name);
    const wrong = async () => {
      const before = said;
      const numbers = numbersOf(await pageOf(name));
      said = await saidBy(jmx.node, name);
      return [...new Set([...before.keys(), ...numbers.keys()])].filter((key) => {
        const [value, first, last] = [numbers.get(key), before.get(key), said.get(key)];
        if (value === undefined || first === undefined || last === undefined) return true;
        // The JVM's own numbers go up and down between two readings.
        if (first.attribute.bean.startsWith('java.')) return !(value >= 0);
        return !within(value, first.value, last.value);
      });
    };
    await expect.poll(wrong, { timeout: 240_000, interval: 250 }).toEqual([]);
    const used = new Set([...said.values()].map(({ rule }) => rule.pattern));
    const unused = rulesOf(name)
      .rules.slice(1)
      .filter(({ pattern }) => !used.has(pattern) && !ABSENT.test(pattern));
    // A flag has a rule for each of its texts: one of them is said.
    expect(unused.filter(({ value }) => value === undefined)).toEqual([]);
  });

  test('promtool finds nothing wrong with the page', async () => {
    const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], {
      input: await pageOf(name),
      encoding: 'utf8',
    });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
  });

  test('of two readings in a row the page has the same series, and neither failed', async () => {
    // A busy machine lets a reading fail now and then, and a container that ends takes its series with it: not every time.
    let before = await pageOf(name);
    const changes = async () => {
      const [first, second] = [before, await pageOf(name)];
      before = second;
      const failed = [first, second].filter((page) => !/^jmx_scrape_error 0\.0$/m.test(page));
      const [old, now] = [numbersOf(first), numbersOf(second)];
      const changed = [...old.keys(), ...now.keys()].filter((series) => !(old.has(series) && now.has(series)));
      return [...failed, ...changed];
    };
    await expect.poll(changes, { timeout: 240_000, interval: 500 }).toEqual([]);
  });
});

test('the headline numbers are what this cluster is', async () => {
  const completed = 'yarn_resourcemanager_queue_applications_completed_total{queue="root.default"}';
  const ended = 'yarn_nodemanager_containers_ended_total{result="completed"}';
  // A machine that is quick is here before the daemons have taken their metrics anew.
  const numbers = await until('the job is counted', async () => {
    const all = new Map([
      ...numbersOf(await pageOf('namenode')),
      ...numbersOf(await pageOf('resourcemanager')),
      ...numbersOf(await pageOf('nodemanager')),
    ]);
    return (all.get(completed) ?? 0) > 0 && (all.get(ended) ?? 0) > 1 && all;
  });
  expect(numbers.get('hdfs_namenode_live_datanodes{}')).toBe(1);
  expect(numbers.get('hdfs_namenode_blocks_missing{}')).toBe(0);
  expect(numbers.get('hdfs_namenode_ha_state{state="active"}')).toBe(1);
  expect(numbers.get('hdfs_namenode_safe_mode{}')).toBe(0);
  expect(numbers.get('yarn_resourcemanager_ha_state{state="active"}')).toBe(1);
  expect(numbers.get('yarn_resourcemanager_nodemanagers{state="active"}')).toBe(1);
  expect(numbers.get(completed)).toBe(1);
  const now = Date.now() / 1000;
  expect(now - (numbers.get('hdfs_namenode_last_checkpoint_timestamp_seconds{}') ?? 0)).toBeLessThan(3600);
});

test('clients and commands by hand beside them are taken for nobody', async () => {
  const pid = 'cut -d" " -f1 /run/prometheus-on-emr-jmx/namenode.status';
  const before = await jmx.ask(pid);
  await jmx.ask('su hdfs -c "hdfs dfs -ls / && hdfs namenode -metadataVersion" </dev/null >/dev/null 2>&1');
  expect(await jmx.ask(pid)).toBe(before);
});

// The whole fight, beside stand-ins: install-jmx-fight.test.ts. What kills is the kernel's and systemd's, not the daemon's.
test('exporter and watcher killed, two orders at once, a daemon killed: it is measured again, the others are who they were', async () => {
  await jmx.ask('systemctl kill -s KILL prometheus-on-emr-jmx@namenode.service prometheus-on-emr-jmx.service');
  const hold = await layHold(jmx.node, 'timeout');
  const first = runDocument(jmx.node, { ...jmx.orders.install({ Ports }), path: hold.path });
  await hold.held();
  expect((await jmx.install({ Ports })).code).toBe(75);
  await hold.letGo();
  expect(await first).toMatchObject({ code: 0, report: { endpoints: ENDPOINTS } });
  const { nodemanager } = started;
  await jmx.ask(`kill -9 ${nodemanager?.pid}`);
  await stopDaemons(jmx.node, ['nodemanager']); // until systemd knows
  await startDaemons(jmx.node, ['nodemanager']);
  started = await jmx.daemons.remember('nodemanager');
  expect(started.nodemanager?.pid).not.toBe(nodemanager?.pid);
  await until(
    'metrics of the new NodeManager',
    async () => /^yarn_nodemanager_/m.test(await pageOf('nodemanager')) || undefined,
  );
});

test('uninstall leaves the daemons as they were', async () => {
  expect(await jmx.uninstall()).toMatchObject({ code: 0, report: { outcome: 'removed' } });
  expect(await jmx.ask('ls -A /opt; ls -d /run/prometheus-on-emr* 2>/dev/null || :')).toBe('');
});

test('a daemon that was stopped and started is another process, with the options that its variable got meanwhile', async () => {
  const { datanode, ...others } = started;
  await stopDaemons(jmx.node, ['datanode']);
  expect(await jmx.daemons.remember('datanode')).toEqual(others);
  await runScript(
    jmx.node,
    `echo 'export HDFS_DATANODE_OPTS="$HDFS_DATANODE_OPTS -Dmark=1"' >>/etc/hadoop/conf/hadoop-env.sh`,
  );
  await startDaemons(jmx.node, ['datanode']);
  const [runtime] = await readJmx(jmx.node, 'datanode', 'java.lang:type=Runtime');
  expect(runtime?.['InputArguments']).toContain('-Dmark=1');
  expect((await jmx.daemons.remember('datanode')).datanode?.pid).not.toBe(datanode?.pid);
});

//   environment                     command                              → options that java gets, options that it does not
const plumbing = [
  ['HDFS_NAMENODE_OPTS=-Dx', 'hdfs namenode -metadataVersion', '-Dproc_namenode -Xmx256m -Dbase -Dx', '-Dclient'],
  ['HDFS_NAMENODE_OPTS=-Dx', 'hdfs datanode', '-Dproc_datanode -Xmx256m -Dbase', '-Dx'],
  ['HDFS_NAMENODE_OPTS=-Dx', 'hdfs dfs -ls /', '-Dproc_dfs -Xmx128m -Dbase -Dclient', '-Dx'],
  ['HADOOP_NAMENODE_OPTS=-Dold HDFS_NAMENODE_OPTS=-Dx', 'hdfs namenode', '-Dbase -Dold', '-Dx'],
  [
    'YARN_OPTS=-Dyarn YARN_NODEMANAGER_OPTS=-Dx',
    'yarn nodemanager',
    '-Dproc_nodemanager -Xmx256m -Dyarn -Dx',
    '-Dbase',
  ],
  ['YARN_RESOURCEMANAGER_OPTS=-Dx', 'yarn node -list', '-Dproc_node -Xmx128m -Dbase -Dclient', '-Dx'],
  ['MAPRED_HISTORYSERVER_OPTS=-Dx', 'mapred historyserver', '-Dproc_historyserver -Xmx256m -Dbase -Dx', '-Dclient'],
] as const;

test.each(plumbing)(
  "%s %s starts java with what Hadoop's own programs would",
  async (environment, line, has, hasNot) => {
    await runScript(jmx.node, 'rm -rf /root/conf && cp -r /etc/hadoop/conf /root/conf && mkdir -p /root/java/bin');
    await writeFile(join(jmx.node.root, 'root/java/bin/java'), '#!/bin/bash\necho "$@"\n', { mode: 0o755 });
    await appendFile(
      join(jmx.node.root, 'root/conf/hadoop-env.sh'),
      'JAVA_HOME=/root/java HADOOP_OPTS=-Dbase HADOOP_CLIENT_OPTS=-Dclient\n',
    );
    const said = await runScript(jmx.node, `env ${environment} ${line.replace(' ', ' --config /root/conf ')}`);
    expect(`${said} `).toContain(`${has} `);
    expect(said).not.toContain(hasNot);
  },
);
