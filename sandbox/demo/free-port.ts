import { createServer } from 'node:net';

/** Below those that Linux gives to who asks for any: until it is listened on, only we come upon it. */
const FIRST = 20_000;
const COUNT = 10_000;

/** A hundred calls until a process comes to where the next one began. */
let next = process.pid * 101;

/** A port of this address that nobody listens on right now; each call of a process answers another. */
export async function freePort(host: string): Promise<number> {
  for (let tried = 0; tried < COUNT; tried += 1) {
    const port = FIRST + (next++ % COUNT);
    if (await isFree(host, port)) return port;
  }
  throw new Error(`${host} has no free port from ${FIRST} on`);
}

const isFree = (host: string, port: number): Promise<boolean> =>
  new Promise((done, failed) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? done(false) : failed(error)));
    server.listen(port, host, () => server.close(() => done(true)));
  });
