import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { agentShell, emptyConf, put, shell } from './jmx-env-file.ts';

const PORT = 17_932;

/** Whatever local user: bound, as a client's socket may be, and never listening. In no file under /proc/net. */
async function bound(address: string, options = ''): Promise<void> {
  const script = `import socket, sys
s = socket.socket(socket.AF_INET6 if ':' in '${address}' else socket.AF_INET)
${options}
s.bind(('${address}', ${PORT}))
print('bound', flush=True)
sys.stdin.read()`;
  const child = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
  });
  await once(child.stdout, 'data');
}

/** What the env file with our block says the NameNode's options are. */
async function optionsOf(env: Readonly<Record<string, string>> = {}): Promise<string> {
  const at = await emptyConf();
  await mkdir(join(at.home, '1.0.1'));
  await writeFile(join(at.home, '1.0.1/agent.jar'), 'jar');
  await writeFile(join(at.home, 'agent/namenode.yml'), 'rules');
  const file = await put(at, 'some-env.sh', '');
  await agentShell(
    at,
    `sha256sum "$HOME_DIR/1.0.1/agent.jar" >"$HOME_DIR/agent/namenode.sha256"
     env_write some-env.sh "$(agent_lines namenode 3 ${PORT})"`,
  );
  await writeFile(join(at.conf, 'socket.py'), 'import sys; sys.exit(1)');
  const { stdout } = await shell(`cd ${at.conf}; . ${file}; echo "\${HDFS_NAMENODE_OPTS-}"`, 'bash', env);
  return stdout;
}

test.each([
  ['127.0.0.1', ''],
  ['0.0.0.0', ''],
  ['::1', 's.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)'],
])('a port that is bound at %s and listens nowhere is taken: the daemon starts, without the agent', async (...at) => {
  await bound(...at);
  expect(await optionsOf()).toBe('\n');
});

test('a free port, and one whose socket leaves room for another, is not; no module of the working directory is read', async () => {
  expect(await optionsOf()).toContain('-javaagent:');
  await bound('0.0.0.0', 's.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)');
  expect(await optionsOf()).toContain('-javaagent:');
});

test.each([
  ['by Hadoop 2, which tells nothing', {}, true],
  ['as a daemon', { HADOOP_DAEMON_MODE: 'start' }, true],
  ['by a systemd unit in the foreground', { HADOOP_DAEMON_MODE: 'default', INVOCATION_ID: '0' }, true],
  ['by hand', { HADOOP_DAEMON_MODE: 'default' }, false],
  ['to stop a daemon', { HADOOP_DAEMON_MODE: 'stop', INVOCATION_ID: '0' }, false],
])('started %s, with %o, a NameNode gets the agent: %s', async (_by, env, expected) => {
  expect((await optionsOf(env)).includes('-javaagent:')).toBe(expected);
});
