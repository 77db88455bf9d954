import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { daemons as known } from '../../infra/exporters/jmx/daemons.ts';
import { ALL_DAEMONS, type DaemonName } from '../../sandbox/hadoop/daemon-table.ts';
import { daemonProcesses, startDaemons, stopDaemons } from '../../sandbox/hadoop/run-daemons.ts';
import { until } from '../../sandbox/until.ts';
import { bootHadoopNode, jmxNode } from '../nodes/jmx-node.ts';
import { say } from './say.ts';

const RESTARTS = 20;
const INSTALLS = 50;
const STOPPED_MS = 60_000;
const hadoop = known.filter(({ name }) => ALL_DAEMONS.some((daemon) => daemon === name));
const Ports = hadoop.map(({ name, port }) => `${name}=${port}`).join(',');
const ENDPOINTS = hadoop.map(({ name, port }) => ({ port, labels: { daemon: name } }));

const jmx = jmxNode((trust) => bootHadoopNode(28, trust, { provisioning: 'SUCCESSFUL' }));

const install = async () => await jmx.install({ Ports });

/** Seconds until it holds. */
async function took(holds: () => Promise<boolean>): Promise<number> {
  const began = performance.now();
  await until('it holds', holds);
  return (performance.now() - began) / 1_000;
}

beforeAll(async () => {
  await startDaemons(jmx.node, ALL_DAEMONS);
  await jmx.daemons.remember();
  await took(async () => (await install()).report?.endpoints.length === ENDPOINTS.length);
});

const page = async (name: DaemonName): Promise<string> =>
  await jmx.page(hadoop.find((daemon) => daemon.name === name)?.port ?? 0);

/** Has it an exporter that reads it? */
async function isMeasured(name: DaemonName): Promise<boolean> {
  const prefix = known.find((daemon) => daemon.name === name)?.prefix ?? '';
  const text = await page(name);
  return /^jmx_scrape_error 0\.0$/m.test(text) && text.includes(`\n${prefix}`);
}

/** Seconds of a processor that the watcher itself has had. */
const watched = async (): Promise<number> =>
  Number(await jmx.script("cut -d' ' -f1 /proc/$(systemctl show -P MainPID prometheus-on-emr-jmx.service)/schedstat")) /
  1e9;

test(`${RESTARTS} restarts of a daemon: measured again after each, and none of the others is another one`, async () => {
  const times: number[] = [];
  for (let time = 1; time <= RESTARTS; time += 1) {
    const before = (await daemonProcesses(jmx.node)).datanode?.pid;
    await stopDaemons(jmx.node, ['datanode']);
    await startDaemons(jmx.node, ['datanode']);
    const { datanode } = await jmx.daemons.remember('datanode');
    expect([undefined, before]).not.toContain(datanode?.pid);
    await jmx.daemons.expectUnharmed();
    times.push(await took(() => isMeasured('datanode')));
  }
  for (const name of ALL_DAEMONS) expect(await isMeasured(name)).toBe(true);
  say(`${RESTARTS} restarts of the DataNode: measured ${Math.max(...times).toFixed(1)} s after its own start at most`);
}, 1_200_000);

// jmx_exporter gathers jmx_scrape_error before it asks the daemon: a page has the error of the page before it.
test('a daemon that is stopped for a minute has no metrics from the first page on, an error from the second on, and both are over as soon as it goes on', async () => {
  const pid = (await daemonProcesses(jmx.node)).namenode?.pid;
  const look = async () => {
    const text = await page('namenode');
    return `${/^jmx_scrape_error (\S+)$/m.exec(text)?.[1]} ${/^hdfs_namenode_/m.test(text) ? 'metrics' : 'none'}`;
  };
  await jmx.script(`kill -STOP ${pid}`);
  const seen: string[] = [];
  try {
    for (const end = performance.now() + STOPPED_MS; performance.now() < end; await sleep(1_000))
      seen.push(await look());
  } finally {
    await jmx.script(`kill -CONT ${pid}`);
  }
  const [first, ...later] = seen;
  expect(first).toBe('0.0 none');
  expect(later.length).toBeGreaterThan(3);
  expect(new Set(later)).toEqual(new Set(['1.0 none']));
  expect([await look(), await look()]).toEqual(['1.0 metrics', '0.0 metrics']);
});

test('an address that was taken away is asked for again a minute later', async () => {
  const address = '/run/prometheus-on-emr-jmx/namenode.address';
  await jmx.ask(
    `rm ${address}; systemctl stop prometheus-on-emr-jmx@namenode; systemctl kill -s KILL prometheus-on-emr-jmx`,
  );
  await jmx.until(`[ -e ${address} ]`);
  await took(() => isMeasured('namenode'));
  expect(await isMeasured('namenode')).toBe(true);
});

test(`installed ${INSTALLS} times in a row with nothing changed, one download serves all`, async () => {
  const asked = jmx.server.asked.length;
  const times: number[] = [];
  for (let time = 1; time <= INSTALLS; time += 1) {
    const began = performance.now();
    expect(await install()).toMatchObject({
      code: 0,
      report: { outcome: 'installed', changed: false, endpoints: ENDPOINTS },
    });
    times.push((performance.now() - began) / 1_000);
  }
  expect(jmx.server.asked).toHaveLength(asked);
  say(`${INSTALLS} runs of the install document beside five daemons: ${Math.max(...times).toFixed(1)} s at most`);
}, 600_000);

test('the watcher of five daemons takes at most a thousandth of a processor while nothing happens', async () => {
  const before = await watched();
  await sleep(120_000); // one look at all processes is among it, wherever it begins
  const share = ((await watched()) - before) / 120;
  say(`the watcher: ${(share * 100).toFixed(3)} % of a processor`);
  expect(share).toBeLessThan(0.001);
});
