import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ALL_DAEMONS, type DaemonName, hadoopDaemons } from '../../sandbox/hadoop/daemon-table.ts';
import { hadoopNode } from '../../sandbox/hadoop/hadoop-node.ts';
import { runMapReduceJob } from '../../sandbox/hadoop/map-reduce-job.ts';
import {
  daemonProcesses,
  type DaemonProcesses,
  readJmx,
  startDaemons,
  stopDaemons,
} from '../../sandbox/hadoop/run-daemons.ts';
import { runScript } from '../../sandbox/hadoop/run-script.ts';
import { until } from '../../sandbox/hadoop/until.ts';
import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { prepareHadoop } from '../../scripts/prepare-hadoop.ts';

let node: SandboxNode;
let started: DaemonProcesses;

beforeAll(async () => {
  const address = '10.42.0.150';
  const parts = await hadoopNode(await prepareHadoop(cacheFolder(process.env)), { master: address });
  node = await bootNode({ instanceId: 'i-00000000000000150', address, ...parts });
  await startDaemons(node, ALL_DAEMONS);
  started = await daemonProcesses(node);
});
afterAll(async () => {
  await node.stop();
});

async function shows(daemon: DaemonName, bean: string, attribute: string, least: number): Promise<true | undefined> {
  const [found] = await readJmx(node, daemon, `Hadoop:service=${bean}`);
  return Number(found?.[attribute]) >= least || undefined;
}

test.each(ALL_DAEMONS)('%s runs under its user, marked in its options, and answers /jmx', async (name) => {
  const [runtime] = await readJmx(node, name, 'java.lang:type=Runtime');
  expect(runtime?.['Name']).toBe(`${started[name]?.pid}@${node.hostname}`);
  expect(runtime?.['InputArguments']).toEqual(expect.arrayContaining([`-Dproc_${name}`, '-Xmx256m']));
  const { folder, user } = hadoopDaemons[name];
  expect(await runScript(node, `cat /var/run/${folder}/hadoop-${user}-${name}.pid`)).toBe(`${started[name]?.pid}`);
});

test('a MapReduce job succeeds, YARN and the history server count it, and no daemon is another one after it', async () => {
  await runMapReduceJob(node);
  // A daemon's own page shows what its metrics were up to ten seconds ago.
  await until('the job in the queue', () =>
    shows('resourcemanager', 'ResourceManager,name=QueueMetrics,q0=root', 'AppsCompleted', 1),
  );
  await until('its containers on the node', () =>
    shows('nodemanager', 'NodeManager,name=NodeManagerMetrics', 'ContainersCompleted', 2),
  );
  expect(await daemonProcesses(node)).toEqual(started);
});

test('five daemons take less than 1.2 GB', async () => {
  const kilobytes = await runScript(
    node,
    `cat /proc/*/status 2>/dev/null | awk '/^Name/ { java = $2 == "java" } /^VmRSS/ && java { sum += $2 } END { print sum }'`,
  );
  expect(Number(kilobytes)).toBeGreaterThan(500_000);
  expect(Number(kilobytes)).toBeLessThan(1_200_000);
});

test("a stranger's process with a daemon's mark is not taken for the daemon", async () => {
  const stranger = 'systemd-run --quiet --unit=stranger --uid=hadoop bash -c "exec -a -Dproc_namenode sleep 60"';
  await runScript(node, stranger);
  onTestFinished(async () => void (await runScript(node, 'systemctl stop stranger')));
  expect(await daemonProcesses(node)).toEqual(started);
});

test('a daemon that was stopped and started is another process, with the options that its variable got meanwhile', async () => {
  await stopDaemons(node, ['datanode']);
  const { datanode, ...others } = started;
  expect(await daemonProcesses(node)).toEqual(others);
  await runScript(
    node,
    `echo 'export HDFS_DATANODE_OPTS="$HDFS_DATANODE_OPTS -Dmark=1"' >>/etc/hadoop/conf/hadoop-env.sh`,
  );
  await startDaemons(node, ['datanode']);
  const [runtime] = await readJmx(node, 'datanode', 'java.lang:type=Runtime');
  expect(runtime?.['InputArguments']).toContain('-Dmark=1');
  expect((await daemonProcesses(node)).datanode?.pid).not.toBe(datanode?.pid);
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
    await runScript(node, 'rm -rf /root/conf && cp -r /etc/hadoop/conf /root/conf && mkdir -p /root/java/bin');
    await writeFile(join(node.root, 'root/java/bin/java'), '#!/bin/bash\necho "$@"\n', { mode: 0o755 });
    await appendFile(
      join(node.root, 'root/conf/hadoop-env.sh'),
      'JAVA_HOME=/root/java HADOOP_OPTS=-Dbase HADOOP_CLIENT_OPTS=-Dclient\n',
    );
    const said = await runScript(node, `env ${environment} ${line.replace(' ', ' --config /root/conf ')}`);
    expect(`${said} `).toContain(`${has} `);
    expect(said).not.toContain(hasNot);
  },
);
