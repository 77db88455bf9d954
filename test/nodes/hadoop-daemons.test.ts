import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL_DAEMONS } from '../../sandbox/hadoop/daemon-table.ts';
import { hadoopNode } from '../../sandbox/hadoop/hadoop-node.ts';
import { type DaemonProcesses, daemonProcesses, readJmx, startDaemons } from '../../sandbox/hadoop/run-daemons.ts';
import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { prepareHadoop } from '../../scripts/prepare-hadoop.ts';

const address = '10.42.0.150';
let node: SandboxNode;
let started: DaemonProcesses;

beforeAll(async () => {
  const hadoop = await prepareHadoop(cacheFolder(process.env));
  node = await bootNode({
    instanceId: 'i-00000000000000150',
    address,
    ...(await hadoopNode(hadoop, { master: address })),
  });
  await startDaemons(node, ALL_DAEMONS);
  started = await daemonProcesses(node);
});
afterAll(async () => {
  await node.stop();
});

test.each(ALL_DAEMONS)('%s runs under its user, with its mark among its options, and answers /jmx', async (name) => {
  const [runtime] = await readJmx(node, name, 'java.lang:type=Runtime');
  expect(started[name]?.pid).toBeGreaterThan(1);
  expect(runtime?.['Name']).toBe(`${started[name]?.pid}@${node.hostname}`);
  expect(runtime?.['InputArguments']).toEqual(expect.arrayContaining([`-Dproc_${name}`, '-Xmx256m']));
});
