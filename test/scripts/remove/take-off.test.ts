import { expect, test } from 'vitest';
import { inOneLine, remainsOf } from '../../../scripts/remove/left-on-nodes.ts';
import { waitUntilOff } from '../../../scripts/remove/take-off.ts';
import { AGENT_OFFLINE } from '../../../shared/core/decide.ts';
import type { ClusterId, InstanceId } from '../../../shared/core/model.ts';
import type { ClusterRecord, ExporterState } from '../../../shared/core/record.ts';
import { retired } from '../../../shared/core/retire.ts';
import type { Settings } from '../../../shared/core/settings.ts';
import type { App } from '../../../shared/ports.ts';
import { aNode, settings } from '../../core/sample-record.ts';
import { INSTALLED, MINUTE, world } from '../../fakes/world.ts';

const three = [{ role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 3 }] as const;

/** A cluster of three nodes that have their exporter, and the command at its wait. */
async function installed(changes: Partial<Settings> = {}) {
  const here = world({ settings: changes });
  const id = await here.launch({ groups: three });
  await here.sweepFor(3 * MINUTE);
  const leaving = retired({ ...settings, ...changes });
  const said: string[] = [];
  const records = async () => {
    const ids = [...(await here.app.records.list()).keys()];
    const read = ids.map(async (one) => [one, (await here.app.records.read(one))?.value] as const);
    return new Map((await Promise.all(read)) as [ClusterId, ClusterRecord][]);
  };
  const remove = (by: App = here.deploy(leaving), minutes = 20) =>
    waitUntilOff({
      records,
      now: () => here.clock.now(),
      pause: (milliseconds) => here.sweepFor(Math.max(milliseconds, MINUTE), by),
      say: (line) => void said.push(line.trim()),
      minutes,
      advice: 'and so on',
    });
  return { ...here, id, leaving, said, remove };
}

test('told to retire, the functions take everything off, and the wait ends with nothing left on any node', async () => {
  const { id, nodes, record, remove, said, targets } = await installed();
  expect(Object.keys((await record(id))?.nodes ?? {})).toHaveLength(3);
  await remove();
  expect((await record(id))?.nodes).toEqual({});
  expect(await targets(id)).toEqual([]);
  expect(nodes(id)).toHaveLength(3);
  expect(said[0]).toBe('3 exporters on 3 nodes to go: 3 not ordered yet, 1 clusters not looked at yet');
});

test('a cluster that starts meanwhile gets nothing', async () => {
  const { deploy, leaving, launch, record, remove, sweepFor } = await installed();
  const by = deploy(leaving);
  await remove(by);
  const late = await launch();
  await sweepFor(5 * MINUTE, by);
  expect((await record(late))?.nodes).toEqual({});
});

test('it is taken back by the settings of before: the exporters come again', async () => {
  const { deploy, id, remove, sweepFor, targets } = await installed();
  await remove();
  await sweepFor(5 * MINUTE, deploy(settings));
  expect(await targets(id)).toHaveLength(3);
});

test('a node that cannot be reached is named, minutes before the limit, and the others are empty by then', async () => {
  const { app, clock, container, id, leaving, nodes, record, remove } = await installed();
  const [dead = 'i-0'] = nodes(id);
  const { commands } = app;
  const online = async (asked: readonly InstanceId[]) =>
    new Set([...(await commands.online(asked))].filter((node) => node !== dead));
  const begun = clock.now().getTime();
  await expect(remove(container({ settings: leaving, commands: { ...commands, online } }, 'sweep'))).rejects.toThrow(
    `exporters stay on the nodes, nothing moves any more:\n  ${id} ${dead} node: ${AGENT_OFFLINE}\nand so on`,
  );
  expect(clock.now().getTime() - begun).toBeLessThan(8 * MINUTE);
  expect(Object.keys((await record(id))?.nodes ?? {})).toEqual([dead]);
});

test('a removal that fails on a node is named with what the node said', async () => {
  const { id, install, remove } = await installed();
  install((command) =>
    command.document.includes('uninstall')
      ? { exitCode: 1, stdout: 'PROMETHEUS_ON_EMR {"exporter":"node","outcome":"failed","reason":"it is busy"}' }
      : INSTALLED(command),
  );
  await expect(remove()).rejects.toThrow(new RegExp(`${id} i-\\w+ node: failed: .*it is busy`));
});

test('dryRun keeps the exporters, and the command says so with the next look', async () => {
  const { clock, deploy, id, leaving, remove } = await installed();
  const begun = clock.now().getTime();
  const dry = deploy({ ...leaving, policies: { ...leaving.policies, dryRun: true } });
  await expect(remove(dry)).rejects.toThrow(
    new RegExp(`a policy keeps them: change monitoring\\.yml and deploy that first:\n  ${id} i-\\w+ node: dryRun`),
  );
  expect(clock.now().getTime() - begun).toBeLessThan(3 * MINUTE);
});

test('an exporter that no lock has any more is named, instead of waiting on', async () => {
  const { clock, deploy, id, leaving, remove } = await installed();
  const begun = clock.now().getTime();
  await expect(remove(deploy({ ...leaving, exporters: [] }))).rejects.toThrow(
    new RegExp(`nothing moves any more:\n  ${id} i-\\w+ node: its removal was not ordered\n[^]*in no lock any more`),
  );
  expect(clock.now().getTime() - begun).toBeLessThan(8 * MINUTE);
});

test('a record that cannot be read is named: nobody knows what is on its nodes', () => {
  const broken = new Map<ClusterId, ClusterRecord | Error>([['j-9', new Error('schema 99')]]);
  expect(remainsOf(broken)).toEqual({ left: [], unseen: [], unreadable: ['j-9'] });
});

test('a removal that takes longer than the limit ends with what is left', async () => {
  const { install, remove } = await installed();
  install((command) => (command.document.includes('uninstall') ? undefined : INSTALLED(command)));
  await expect(remove(undefined, 5)).rejects.toThrow(/they are not off after 5 minutes:\n.*: removing\n/);
});

test.each<[string, Partial<ClusterRecord>, ExporterState, readonly string[]]>([
  ['a cluster that ends', { state: 'TERMINATING' }, { installed: anInstall() }, []],
  ['a node without anything', {}, {}, []],
  ['an exporter that is there', {}, { installed: anInstall() }, ['idle']],
  ['one that a policy keeps', {}, { installed: anInstall(), held: 'dryRun' }, ['held']],
])('%s', (_title, changes, state, kinds) => {
  const record = { clusterId: 'j-1', configHash: 'h-retired', state: 'RUNNING', nodes: {}, ...changes };
  const nodes = { 'i-1': aNode({ exporters: { node: state } }) };
  const remains = remainsOf(new Map([['j-1', { ...record, nodes } as ClusterRecord]]));
  expect(remains.left.map(({ kind }) => kind)).toEqual(kinds);
  expect(inOneLine(remains)).toContain(`${kinds.length} exporters on ${kinds.length} nodes`);
});

function anInstall() {
  return { version: '1.12.1', revision: 'r2', endpoints: [], at: '2026-11-22T12:00:00.000Z' };
}
