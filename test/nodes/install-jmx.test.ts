import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { until } from '../../sandbox/until.ts';
import { say } from '../soak/say.ts';
import { jmxNode } from './jmx-node.ts';
import { bootStandInNode, OLD_ENOUGH, standIns, stopStandIn, type StandInName } from './stand-ins.ts';

const NAMES = Object.keys(standIns) as StandInName[];
const Ports = NAMES.map((name, index) => `${name}=${17_101 + index}`).join(',');
const ENDPOINTS = NAMES.map((daemon, index) => ({ port: 17_101 + index, labels: { daemon } }));
const RESOURCE_MANAGER = 17_103;
/** What JMX lets a name of a queue be, and sorts behind: YAML, shell, awk, ObjectName and the page all read it. */
const HOSTILE = [
  "'",
  '\\',
  '\\n',
  '$(id)',
  '`id`',
  '${x}',
  '# x',
  '- x',
  '{',
  '[x]',
  '&a',
  '!x',
  '|',
  '%s%n',
  '\t',
  'é',
  '队列',
  '😀x',
  ' ',
  '}',
].map((text) => `q0=root,q1=z,q2=z${text}`);
const LEAVES = Array.from({ length: 178 }, (_, index) => `q0=root,q1=a,q2=b${String(index).padStart(4, '0')}`);
const QUEUES = ['q0=root', 'q0=root,q1=a', ...LEAVES, ...HOSTILE];
const DROPPED = QUEUES.length - 50;
const WATCHER = 'prometheus-on-emr-jmx.service';
const DROPPED_LIST = '/run/prometheus-on-emr-jmx/resourcemanager.queues';

const jmx = jmxNode((trust) => bootStandInNode(21, trust));

beforeAll(async () => {
  const beans = QUEUES.flatMap((keys) => [
    `AppsRunning Hadoop:service=ResourceManager,name=QueueMetrics,${keys}`,
    `AllocatedMB Hadoop:service=ResourceManager,name=PartitionQueueMetrics,partition=CORE,${keys}`,
  ]);
  // The stand-in's own bean is of the root queue already.
  await writeFile(join(jmx.node.root, 'root/queues'), beans.slice(1).join('\n'));
  await jmx.ask('install -m 644 /root/queues /usr/lib/stand-in/queues');
  for (const name of NAMES)
    await jmx.start(name, {
      flags: name === 'resourcemanager' ? '-Dfile.encoding=UTF-8 -Dbeans=/usr/lib/stand-in/queues' : '',
    });
  await jmx.until(OLD_ENOUGH);
});

test('on a node with five daemons it tells an endpoint for each', async () => {
  const { code, report } = await jmx.installAll({ Ports }, ENDPOINTS.length);
  expect({ code, report }).toEqual({
    code: 0,
    report: {
      exporter: 'jmx',
      outcome: 'installed',
      version: '1.0.1',
      changed: expect.any(Boolean),
      endpoints: ENDPOINTS,
      again: 60,
    },
  });
  for (const { port, labels } of ENDPOINTS)
    expect(await jmx.page(port)).toMatch(new RegExp(`^${standIns[labels.daemon].metric}(\\{.*\\})? 7\\.0$`, 'm'));
});

async function look() {
  const page = await jmx.page(RESOURCE_MANAGER);
  const queues = new Set([...page.matchAll(/queue="((?:[^"\\]|\\.)*)"/g)].map(([, queue]) => queue));
  const dropped = Number(/^yarn_resourcemanager_queues_dropped (\S+)$/m.exec(page)?.[1]);
  return { shown: queues.size, dropped, isWhole: /^jmx_scrape_error 0\.0$/m.test(page) };
}

/** Seconds of a processor that a unit has had, with all that it has started. */
const spent = async (unit: string): Promise<number> =>
  Number(await jmx.ask(`systemctl show -P CPUUsageNSec ${unit}`)) / 1e9;

test('of two hundred queues, some with hostile names, fifty are on the page in the end, the others are counted, and no page on the way is broken', async () => {
  const began = Date.now();
  const exporter = 'prometheus-on-emr-jmx@resourcemanager.service';
  const before = { watcher: await spent(WATCHER), exporter: await spent(exporter) };
  const seen = [await look()];
  await until('the others are counted', async () => {
    const now = await look();
    seen.push(now);
    return now.dropped === DROPPED;
  });
  say(`fifty queues of two hundred are on the page ${(Date.now() - began) / 1_000} s after`);
  expect(seen.at(-1)).toEqual({ shown: 50, dropped: DROPPED, isWhole: true });
  expect(seen.filter(({ isWhole }) => !isWhole)).toEqual([]);
  // Of processor: 0.06 s to count the queues and 0.3 s for a page of them were measured.
  expect((await spent(WATCHER)) - before.watcher).toBeLessThan(0.5);
  expect(((await spent(exporter)) - before.exporter) / seen.length).toBeLessThan(1.5);
});

test('a watcher that dies keeps what it dropped, and so does the next order', async () => {
  const state = `stat -c '%i %Y' ${DROPPED_LIST}`;
  const before = await jmx.ask(state);
  await jmx.ask(`systemctl kill -s KILL ${WATCHER}`);
  expect(await jmx.install({ Ports })).toMatchObject({ report: { outcome: 'installed', endpoints: ENDPOINTS } });
  expect(await look()).toEqual({ shown: 50, dropped: DROPPED, isWhole: true });
  expect(await jmx.ask(state)).toBe(before);
});

test('another run changes no file, restarts nothing, downloads nothing and says so', async () => {
  // But for the watcher's count of queues, which goes on.
  const state = `systemctl show -p MainPID 'prometheus-on-emr-jmx*'
    find /opt/prometheus-on-emr /etc/systemd /etc/passwd /run/prometheus-on-emr-jmx/* ! -name '*.queues*' -printf '%p %C@\\n' | sort`;
  const before = await jmx.ask(state);
  const downloads = jmx.server.asked.length;
  const { code, report } = await jmx.install({ Ports });
  expect(code).toBe(0);
  expect(report).toMatchObject({ outcome: 'installed', changed: false, endpoints: ENDPOINTS });
  expect(await jmx.ask(state)).toBe(before);
  expect(jmx.server.asked).toHaveLength(downloads);
});

test('what was dropped of a ResourceManager that ended is not dropped of the next one', async () => {
  await stopStandIn(jmx.node, 'resourcemanager');
  await jmx.daemons.remember('resourcemanager');
  await jmx.until(`[ ! -e ${DROPPED_LIST} ]`);
  expect((await jmx.ask('ls /run/prometheus-on-emr-jmx')).split('\n')).not.toContain('resourcemanager.queues');
});

test('uninstall leaves nothing behind, and a second one finds nothing', async () => {
  const traces = `ls -d /opt/prometheus-on-emr /run/prometheus-on-emr* /etc/systemd/system/prometheus-on-emr* /etc/systemd/system/*.wants/prometheus-on-emr* 2>/dev/null
    grep prometheus-on-emr /etc/passwd /etc/group; systemctl list-units --all --plain --no-legend 'prometheus-on-emr*'
    grep -hE ':42C[D-F] .* 0A |:42D[0-6] .* 0A ' /proc/net/tcp /proc/net/tcp6; :`;
  expect(await jmx.uninstall()).toMatchObject({ code: 0, report: { outcome: 'removed', changed: true } });
  expect(await jmx.ask(traces)).toBe('');
  expect(await jmx.uninstall()).toMatchObject({ code: 0, report: { outcome: 'removed', changed: false } });
});
