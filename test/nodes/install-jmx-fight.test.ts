import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { until } from '../../sandbox/until.ts';
import { say } from '../soak/say.ts';
import { jmxNode } from './jmx-node.ts';
import { runDocument } from './run-document.ts';
import { bootStandInNode, stopStandIn } from './stand-ins.ts';
import { layHold, layTripwire } from './tripwire.ts';

// One story of one NameNode, in its order.
const WATCHER = 'prometheus-on-emr-jmx.service';
const EXPORTER = 'prometheus-on-emr-jmx@namenode.service';
const RUN = '/run/prometheus-on-emr-jmx';
const STATUS = `${RUN}/namenode.status`;
const PORT = 17_101;
const DONE = { code: 0, report: { outcome: 'installed', endpoints: [{ port: PORT, labels: { daemon: 'namenode' } }] } };
const METRICS = /^hdfs_namenode_/m;

const jmx = jmxNode((trust) => bootStandInNode(22, trust));

beforeAll(async () => {
  await jmx.start('namenode');
  await jmx.install();
});

const isMeasured = async (): Promise<boolean> => /^hdfs_namenode_capacity_bytes.* 7\.0$/m.test(await jmx.page(PORT));
const untilMeasured = async (): Promise<true> => await until('the daemon is measured', isMeasured);
const scrapeError = (page: string): string | undefined => /^jmx_scrape_error (\S+)$/m.exec(page)?.[1];
/** Between two looks of the watcher, however long it takes. */
async function unseen(happens: () => Promise<unknown>): Promise<void> {
  await jmx.ask(`systemctl kill -s STOP ${WATCHER}`);
  await happens();
  await jmx.ask(`systemctl kill -s CONT ${WATCHER}`);
}
/** Another file, or another time of it, if it was written again. */
const addressFile = async (): Promise<string> => await jmx.ask(`stat -c '%i %Y' ${RUN}/namenode.address`);

test('an exporter that is killed comes back by itself', async () => {
  const before = await jmx.pidOf(EXPORTER);
  await jmx.ask(`kill -9 ${before}`);
  await until('another one', async () => !['0', before].includes(await jmx.pidOf(EXPORTER)));
  expect(await untilMeasured()).toBe(true);
});

test('a watcher that is killed comes back, attaches to nothing again and leaves the exporter running', async () => {
  const exporter = await jmx.pidOf(EXPORTER);
  const address = await addressFile();
  const said = await jmx.ask(`stat -c %i ${STATUS}`);
  await jmx.ask(`kill -9 ${await jmx.pidOf(WATCHER)}`);
  await jmx.until(`[ "$(stat -c %i ${STATUS})" != ${said} ]`);
  await untilMeasured();
  expect(await addressFile()).toBe(address);
  expect(await jmx.pidOf(EXPORTER)).toBe(exporter);
});

// jmx_exporter gathers jmx_scrape_error before it asks the daemon: a page has the error of the page before it.
test('while a daemon hangs each page comes to its end and has no metrics, from the second on an error', async () => {
  const daemon = await jmx.pidOf('stand-in-namenode');
  await jmx.ask(`kill -STOP ${daemon}`);
  const pages = [];
  for (let count = 0; count < 2; count += 1) {
    const began = Date.now();
    pages.push({ page: await jmx.page(PORT), milliseconds: Date.now() - began });
  }
  await jmx.ask(`kill -CONT ${daemon}`);
  expect(pages.map(({ page }) => [scrapeError(page), METRICS.test(page)])).toEqual([
    ['0.0', false],
    ['1.0', false],
  ]);
  // Two timeouts of the exporter's are eight seconds; nothing of its own would end at all.
  for (const { milliseconds } of pages) expect(milliseconds).toBeLessThan(60_000);
  await untilMeasured();
});

test('an attach socket that is lost does no harm: the address is kept for as long as the daemon lives', async () => {
  const address = await addressFile();
  await jmx.ask(`rm /tmp/.java_pid${await jmx.pidOf('stand-in-namenode')}`);
  await jmx.ask(`kill -9 ${await jmx.pidOf(WATCHER)}; systemctl kill -s KILL ${EXPORTER}`);
  expect(await jmx.installAll({}, 1)).toMatchObject(DONE);
  expect(await addressFile()).toBe(address);
  expect(await jmx.ask('ls -A /tmp | grep -c java_pid || :')).toBe('0'); // so nothing was attached to
});

test('socket and address lost both: it is attached to once more, and lives', async () => {
  await jmx.ask(`systemctl stop ${WATCHER}; rm -rf ${RUN} && systemctl start ${WATCHER}`);
  // The exporter of before may answer for a moment more.
  await jmx.until(`[ -S /tmp/.java_pid${await jmx.pidOf('stand-in-namenode')} ] && [ -s ${RUN}/namenode.yml ]`);
  expect(await untilMeasured()).toBe(true);
});

// The wall clock jumped back: files seem to be of tomorrow.
test('a daemon that restarts between two looks keeps its exporter, which reads the new address whatever the clock says', async () => {
  await jmx.ask(`touch -d '+1 day' ${RUN}/namenode.yml`);
  await untilMeasured(); // so it has been read
  const exporter = await jmx.pidOf(EXPORTER);
  await unseen(async () => {
    await jmx.ask('systemctl kill -s KILL stand-in-namenode');
    await jmx.start('namenode');
  });
  await untilMeasured();
  expect(await jmx.pidOf(EXPORTER)).toBe(exporter);
});

test('the address of the connector is nowhere but in files of root and of the exporter', async () => {
  const files = `${RUN}/namenode.{address,yml}`;
  expect(await jmx.ask(`grep -l /stub/ ${files} && stat -c '%U %a' ${files}`)).toMatch(
    /address\n.*yml\nroot 600\nprometheus-on-emr-jmx 600$/,
  );
  expect(
    await jmx.ask("journalctl --no-pager -u 'prometheus-on-emr-jmx*' | grep -v run-u | grep -c '/stub/' || :"),
  ).toBe('0');
  const seen = 'for F in /proc/[0-9]*; do tr "\\0" " " <$F/cmdline; tr "\\0" " " <$F/environ; done 2>/dev/null';
  expect(await jmx.ask(`${seen} | grep -c rmi://1[2]7 || :`)).toBe('0');
});

test('an exporter whose port somebody else took is not started again and again, and comes back when it is free', async () => {
  const listen = `systemd-socket-activate --listen ${PORT} --accept --inetd /bin/echo HTTP/1.0 200 OK`;
  await unseen(async () => {
    await jmx.ask(`systemctl stop ${EXPORTER}; systemd-run --quiet --collect --unit stranger ${listen}`);
    await jmx.until(`grep -qE ':${PORT.toString(16).toUpperCase()} .* 0A ' /proc/net/tcp /proc/net/tcp6`);
  });
  await jmx.until(`grep -q 'is port ${PORT} taken' ${STATUS}`);
  const starts = async () =>
    await jmx.ask(`journalctl --sync; journalctl --no-pager -u '${EXPORTER}' | grep -c 'Started' `);
  const before = Number(await starts());
  await sleep(8_000); // in which it may fall once more
  expect(Number(await starts()) - before).toBeLessThanOrEqual(1);
  const { report } = await jmx.install();
  expect(report).toMatchObject({ outcome: 'conflict', changed: false, endpoints: [] });
  expect(report?.reason).toBe(`port ${PORT}, for namenode, is taken by another process`);
  await jmx.ask('systemctl stop stranger');
  expect(await jmx.installAll({}, 1)).toMatchObject(DONE);
});

test.each([
  ['truncated', `: >${RUN}/namenode.yml`],
  ['broken', `echo 'rules: [' >${RUN}/namenode.yml`],
  ['unreadable', `chmod 0 ${RUN}/namenode.yml`],
])('a YAML that somebody left %s is mended by the next order', async (_what, spoil) => {
  await jmx.ask(`${spoil}; systemctl kill -s KILL ${EXPORTER}`);
  expect(await jmx.installAll({}, 1)).toMatchObject(DONE);
});

test('a jar that was cut is fetched anew by the next order', async () => {
  await jmx.ask(
    `truncate -s 100000 /opt/prometheus-on-emr/jmx/current/standalone.jar; systemctl kill -s KILL ${EXPORTER}`,
  );
  expect(await jmx.installAll({}, 1)).toMatchObject(DONE);
  expect((await jmx.install()).report?.changed).toBe(false);
});

test('of two orders at once the second says try again later, and the first is not disturbed', async () => {
  const hold = await layHold(jmx.node, 'timeout');
  const first = runDocument(jmx.node, { ...jmx.orders.install(), path: hold.path });
  await hold.held();
  expect((await jmx.install()).code).toBe(75);
  await hold.letGo();
  expect(await first).toMatchObject(DONE);
});

test('a full disk fails the order, and the daemon is measured on', async () => {
  await jmx.ask('mount -t tmpfs -o size=40m full /opt && mount | grep -q /opt');
  const { code, report } = await jmx.install();
  await jmx.ask('umount /opt');
  expect({ code, reason: report?.reason }).toEqual({
    code: 1,
    reason: 'only 40 MB are free under /opt/prometheus-on-emr and 100 MB are wanted',
  });
  expect(await isMeasured()).toBe(true);
});

// Before each of all steps, and a full /run: npm run test:soak.
test('an order that is killed half-way harms no daemon, and the next one finishes', async () => {
  const wire = await layTripwire(jmx.node);
  await jmx.uninstall();
  for (const step of ['systemctl daemon-reload', `systemctl start ${WATCHER}`]) {
    await wire.set(step);
    const killed = await runDocument(jmx.node, { ...jmx.orders.install(), path: wire.path, isKilled: true });
    expect(killed.report).toBeUndefined();
    await jmx.daemons.expectUnharmed();
  }
  expect(await jmx.installAll({}, 1)).toMatchObject(DONE);
});

test('from beside to inside and back: one exporter or none has the port, and the env files are as they were', async () => {
  const files = 'cat /etc/hadoop/conf/*-env.sh | sha256sum';
  const before = await jmx.ask(files);
  const inside = await jmx.install({ Mode: 'agent' });
  expect(inside).toMatchObject({ code: 0, report: { outcome: 'pendingRestart', changed: true, endpoints: [] } });
  expect(await jmx.ask(files)).not.toBe(before);
  expect(
    await jmx.ask(`systemctl list-units --all --plain --no-legend 'prometheus-on-emr*'; ls -d ${RUN} 2>/dev/null || :`),
  ).toBe('');
  expect(await jmx.install()).toMatchObject({ ...DONE, report: { ...DONE.report, changed: true } });
  expect(await jmx.ask(files)).toBe(before);
  expect(await jmx.ask('ls -d /opt/prometheus-on-emr/jmx/agent 2>/dev/null || :')).toBe('');
});

test('a daemon that ends takes its exporter with it, so that `up` is 0', async () => {
  await stopStandIn(jmx.node, 'namenode');
  await jmx.daemons.remember('namenode');
  await until('nobody answers', async () => (await jmx.page(PORT)) === '');
  await expect.poll(() => jmx.ask(`ls ${RUN}`)).toBe('');
});

// The sandbox cannot boot a file system twice: this is what a boot does to it. All processes end, /run and /tmp are empty,
// and systemd starts what is enabled.
test('after a reboot it is all there again, by itself, and a daemon that starts is measured', async () => {
  await jmx.ask(
    `systemctl stop ${WATCHER}; systemctl daemon-reexec
     rm -rf ${RUN} /run/prometheus-on-emr* /tmp/.java_pid* /tmp/hsperfdata_*`,
  );
  await jmx.ask('systemctl start --no-block multi-user.target');
  await jmx.until(`systemctl is-active --quiet ${WATCHER}`);
  expect(await isMeasured()).toBe(false);
  await jmx.start('namenode');
  const began = Date.now();
  await untilMeasured();
  say(
    `a daemon is measured ${(Date.now() - began) / 1_000} s after its start; 20 s are promised, if nobody else is at work`,
  );
  expect(await jmx.install()).toMatchObject({ ...DONE, report: { ...DONE.report, changed: false } });
});
