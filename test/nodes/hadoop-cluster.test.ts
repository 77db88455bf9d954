import { afterAll, beforeAll, expect, test } from 'vitest';
import { CORE_DAEMONS, MASTER_DAEMONS } from '../../sandbox/hadoop/daemon-table.ts';
import { hadoopNode } from '../../sandbox/hadoop/hadoop-node.ts';
import { runMapReduceJob } from '../../sandbox/hadoop/map-reduce-job.ts';
import { daemonProcesses, readJmx, startDaemons, untilJoined } from '../../sandbox/hadoop/run-daemons.ts';
import { runScript } from '../../sandbox/hadoop/run-script.ts';
import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { prepareHadoop } from '../../scripts/prepare-hadoop.ts';

const MASTER = '10.42.0.160';
let master: SandboxNode;
let core: SandboxNode;
let task: SandboxNode;

beforeAll(async () => {
  const parts = await hadoopNode(await prepareHadoop(cacheFolder(process.env)), {
    master: MASTER,
    provisioning: 'SUCCESSFUL',
  });
  const boot = (number: number) =>
    bootNode({ instanceId: `i-00000000000000${number}`, address: `10.42.0.${number}`, ...parts });
  [master, core, task] = await Promise.all([boot(160), boot(161), boot(162)]);
  await Promise.all([
    startDaemons(master, MASTER_DAEMONS),
    startDaemons(core, CORE_DAEMONS),
    startDaemons(task, ['nodemanager']),
  ]);
});
afterAll(async () => {
  await Promise.all([master, core, task].map((node) => node.stop()));
});

test('nodes of three roles are one cluster by their own addresses, and a job runs on it', async () => {
  await untilJoined(master, { dataNodes: 1, nodeManagers: 2 });
  await runMapReduceJob(master);
  const [state] = await readJmx(master, 'namenode', 'Hadoop:service=NameNode,name=NameNodeInfo');
  expect(state?.['LiveNodes']).toContain(`"infoAddr":"${core.address}:9864"`);
  const daemons = await Promise.all([master, core, task].map(daemonProcesses));
  expect(daemons.map((found) => Object.keys(found).sort())).toEqual([
    ['historyserver', 'namenode', 'resourcemanager'],
    ['datanode', 'nodemanager'],
    ['nodemanager'],
  ]);
});

test('a node says, as on EMR, that its provisioning is over', async () => {
  const file = '/emr/instance-controller/lib/info/job-flow-state.txt';
  expect(await runScript(core, `grep -A1 'nodeProvisionCheckinRecord {' ${file}`)).toContain('status: SUCCESSFUL');
});
