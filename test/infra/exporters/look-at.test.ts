import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../sandbox/demo/free-port.ts';

const CONTRACT = new URL('../../../infra/exporters/contract.sh', import.meta.url).pathname;

const servers: Server[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
});

/** Somebody listens at the address: its port. */
async function listen(host: string, port = 0): Promise<number> {
  const server = createServer().listen({ host, port });
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** As above, on a port that nobody has at 127.0.0.1: what the kernel gives may be another's there. */
const listenAlone = async (host: string): Promise<number> => await listen(host, await freePort('127.0.0.1'));

/** Another process, only at the IPv6 address itself: what stands beside any other listener. */
async function listenBeside(host: string, port: number): Promise<void> {
  const script = `import socket, sys
s = socket.socket(socket.AF_INET6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
s.bind(('${host}', ${port}))
s.listen()
print('listens', flush=True)
sys.stdin.read()`;
  const child = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
}

/** OURS and TAKEN, with a process of ours. */
const lookAt = (where: string | number, pid: number): string =>
  execFileSync(
    'bash',
    ['-c', `eval "$(sed -n '/^look_at()/,/^}/p' ${CONTRACT})"; look_at ${where} ${pid}; echo $OURS $TAKEN`],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    },
  ).trim();
/** A process that listens nowhere. */
const NOBODY = 2 ** 22;

describe('of a port at 127.0.0.1', () => {
  test.each(['127.0.0.1', '0.0.0.0', '::'])('who listens at %s has taken it', async (host) => {
    expect(lookAt(`127.0.0.1:${await listen(host)}`, NOBODY)).toBe('false true');
  });

  test.each(['127.0.0.2', '127.255.0.1', '::1'])('who listens at %s has not', async (host) => {
    const port = await listenAlone(host);
    expect(lookAt(`127.0.0.1:${port}`, NOBODY)).toBe('false false');
    expect(lookAt(port, NOBODY)).toBe('false true');
  });

  test('ours is ours, whoever listens beside it', async () => {
    const port = await listenAlone('127.0.0.1');
    expect(lookAt(`127.0.0.1:${port}`, process.pid)).toBe('true false');
    await listen('127.0.0.2', port);
    await listenBeside('::', port);
    expect(lookAt(`127.0.0.1:${port}`, process.pid)).toBe('true false');
    expect(lookAt(port, process.pid)).toBe('true true');
  });
});
