import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../sandbox/demo/free-port.ts';

const HOST = '127.0.0.1';

test('a port that is taken is passed over, and none is given twice', async () => {
  const first = await freePort(HOST);
  const server = createServer().listen(first + 1, HOST);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const others = [await freePort(HOST), await freePort(HOST)];
  expect(new Set([first, first + 1, ...others]).size).toBe(4);
});

test('an address that is none of this machine is an error', async () => {
  await expect(freePort('192.0.2.1')).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
});
