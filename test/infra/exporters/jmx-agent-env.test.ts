import { once } from 'node:events';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agentShell, type Conf, emptyConf, put, shell } from './jmx-env-file.ts';

const FREE = 17_931;
let at: Conf;
let agent: string;
let server: Server | undefined;

beforeEach(async () => {
  at = await emptyConf();
  await mkdir(join(at.home, '1.0.1'));
  await writeFile(join(at.home, '1.0.1/agent.jar'), 'jar');
});
afterEach(() => server?.close());

/** An env file of the user's with our block for the daemon, all as it was proven. */
async function withBlock(daemon: string, { body = '', hadoop = 3, port = FREE } = {}): Promise<string> {
  const file = await put(at, 'some-env.sh', body);
  const rules = join(at.home, `agent/${daemon}.yml`);
  await writeFile(rules, 'rules');
  agent = `-javaagent:${at.home}/1.0.1/agent.jar=${port}:${rules}`;
  const { code, stderr } = await agentShell(
    at,
    `sha256sum "$HOME_DIR/1.0.1/agent.jar" ${rules} >"$HOME_DIR/agent/${daemon}.sha256"
     env_write some-env.sh "$(agent_lines ${daemon} ${hadoop} ${port})"`,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return file;
}

/** What the variables are after a start script of that shell has read the file, with the strictest options. */
async function after(file: string, names: readonly string[], env = {}, program = 'bash'): Promise<readonly string[]> {
  const shown = names.map((name) => `"\${${name}-unset}"`).join(' ');
  const { code, stdout, stderr } = await shell(`set -efu; . ${file}; printf '%s\\n' ${shown}`, program, env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd().split('\n');
}

describe.each(['bash', 'dash'])('after the env file was read by %s with -e and -u', (program) => {
  test("the agent is behind the user's own options, in no other variable, and nothing is left over", async () => {
    const file = await withBlock('namenode', { body: 'export HDFS_NAMENODE_OPTS="-Xmx1g  -Da=b"\n' });
    const names = ['HDFS_NAMENODE_OPTS', 'HADOOP_NAMENODE_OPTS', 'HADOOP_OPTS'];
    expect(await after(file, names, {}, program)).toEqual([`-Xmx1g  -Da=b ${agent}`, 'unset', 'unset']);
    const { stdout } = await shell(`. ${file}; set`, program);
    expect(stdout).not.toContain('prometheus_on_emr');
  });
});

describe('which variable counts', () => {
  test.each([
    [
      'Hadoop 3 gives an empty one a default: it stays',
      'namenode',
      3,
      '',
      `-Dhadoop.security.logger=INFO,RFAS @`,
      'unset',
    ],
    ['and for the DataNode another', 'datanode', 3, '', `-Dhadoop.security.logger=ERROR,RFAS @`, 'unset'],
    [
      'on Hadoop 3 the older name replaces the new one',
      'namenode',
      3,
      'HADOOP_NAMENODE_OPTS=-Da',
      '-Dhadoop.security.logger=INFO,RFAS @',
      '-Da @',
    ],
    ['on Hadoop 2 only the older name counts', 'namenode', 2, 'HADOOP_NAMENODE_OPTS=-Da', 'unset', '-Da @'],
    ['and it counts when it is empty', 'namenode', 2, '', 'unset', ' @'],
  ] as const)('%s', async (_name, daemon, hadoop, body, expected, older) => {
    const file = await withBlock(daemon, { body: `${body}\n`, hadoop });
    const upper = daemon.toUpperCase();
    const [now = '', before] = await after(file, [`HDFS_${upper}_OPTS`, `HADOOP_${upper}_OPTS`]);
    expect(now).toBe(expected.replace('@', agent));
    expect(before).toBe(older.replace('@', agent));
  });

  test.each([
    ['resourcemanager', 3, 'YARN_RESOURCEMANAGER_OPTS'],
    ['resourcemanager', 2, 'YARN_RESOURCEMANAGER_OPTS'],
    ['nodemanager', 3, 'YARN_NODEMANAGER_OPTS'],
    ['historyserver', 3, 'MAPRED_HISTORYSERVER_OPTS'],
    ['historyserver', 2, 'HADOOP_JOB_HISTORYSERVER_OPTS'],
    ['journalnode', 3, 'HDFS_JOURNALNODE_OPTS'],
    ['zkfc', 3, 'HDFS_ZKFC_OPTS'],
    ['zkfc', 2, 'HADOOP_ZKFC_OPTS'],
  ])('%s on Hadoop %i: %s', async (daemon, hadoop, variable) => {
    expect(await after(await withBlock(daemon, { hadoop }), [variable])).toEqual([` ${agent}`]);
  });
});

describe('nothing is added', () => {
  const options = async (file: string, env: Readonly<Record<string, string>> = {}) =>
    await after(file, ['HDFS_ZKFC_OPTS', 'HADOOP_ZKFC_OPTS'], env);
  const NOTHING = ['unset', 'unset'];
  const ours = (name: string) => join(at.home, name);

  test.each([
    ['the jar is gone', () => rm(ours('1.0.1/agent.jar'))],
    ['the jar is not the one that was proven', () => appendFile(ours('1.0.1/agent.jar'), 'more')],
    ['the rules are gone', () => rm(ours('agent/zkfc.yml'))],
    ['the rules are not those that were proven', () => appendFile(ours('agent/zkfc.yml'), ': {')],
    ['nothing was proven', () => rm(ours('agent/zkfc.sha256'))],
    ['all of it is gone', () => rm(ours('.'), { recursive: true })],
  ])('when %s', async (_name, damage) => {
    const file = await withBlock('zkfc');
    await damage();
    expect(await options(file)).toEqual(NOTHING);
  });

  test.each([
    ['ours', 'HADOOP_OPTS', '-javaagent:/opt/prometheus-on-emr/jmx/0.9/agent.jar=1:/x'],
    ["somebody's own jmx_exporter", 'HADOOP_OPTS', '-javaagent:/x/jmx_prometheus_javaagent-0.20.0.jar=7001:/x'],
    ["somebody's own, by another way", 'JAVA_TOOL_OPTIONS', '-javaagent:/x/jmx_exporter.jar=7001:/x'],
    ["somebody's own, by the older name", 'HADOOP_ZKFC_OPTS', '-javaagent:/x/jmx-exporter.jar=7001:/x'],
  ])('when an agent is there already: %s', async (_name, variable, value) => {
    const older = variable === 'HADOOP_ZKFC_OPTS' ? value : 'unset';
    expect(await options(await withBlock('zkfc'), { [variable]: value })).toEqual(['unset', older]);
  });

  test('twice, when a start script reads the file again', async () => {
    const file = await withBlock('zkfc', { body: 'export HDFS_ZKFC_OPTS="-Da $HDFS_ZKFC_OPTS"\n' });
    const { stdout } = await shell(`. ${file}; . ${file}; echo $HDFS_ZKFC_OPTS`, 'bash', { HDFS_ZKFC_OPTS: '' });
    expect(stdout.split('-javaagent').length).toBe(2);
  });

  test.each(['127.0.0.1', '0.0.0.0', '::1'])('when somebody listens on the port on %s', async (address) => {
    server = createServer().listen(0, address);
    await once(server, 'listening');
    expect(await options(await withBlock('zkfc', { port: (server.address() as AddressInfo).port }))).toEqual(NOTHING);
  });

  test('when an outgoing connection happens to have the port', async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    expect(await options(await withBlock('zkfc', { port: socket.localPort ?? 0 }))).toEqual(NOTHING);
    socket.destroy();
  });

  test('when a tool that it needs is missing', async () => {
    expect(await options(await withBlock('zkfc', { body: 'PATH=/nonexistent\n' }))).toEqual(NOTHING);
  });
});
