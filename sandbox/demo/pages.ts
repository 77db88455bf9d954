import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

/**
 * Lets a browser on the machine see into the nodes' private network, for `--keep`: a loopback port outside leads to a
 * socket in the file system, which both sides see, and that leads to an address inside.
 */
export interface Pages {
  /** Of the sockets, one per page. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Inside address by page. */
export type PageAddresses = Readonly<Record<string, string>>;

const NAMES = ['prometheus', 'account'] as const;

/** Outside: one loopback port per page; `say` is told the addresses. */
export async function publishPages(cache: string, say: (line: string) => void): Promise<Pages> {
  const folder = await mkdtemp(join(cache, 'pages-'));
  const servers = await Promise.all(
    NAMES.map(async (name) => {
      const server = await listen(
        pipeTo(() => connect(join(folder, name))),
        { host: '127.0.0.1', port: 0 },
      );
      say(`${name}: http://127.0.0.1:${(server.address() as AddressInfo).port}/ once the story is told`);
      return server;
    }),
  );
  return {
    folder,
    async close() {
      for (const server of servers) server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Inside: the sockets lead to the pages; they keep no process alive. */
export async function servePages(folder: string, addresses: PageAddresses): Promise<void> {
  await Promise.all(
    Object.entries(addresses).map(async ([name, address]) => {
      const [host = '', port = ''] = address.split(':');
      const server = await listen(
        pipeTo(() => connect(Number(port), host)),
        { path: join(folder, name) },
      );
      server.unref();
    }),
  );
}

const pipeTo = (open: () => Socket) => (from: Socket) => {
  const to = open();
  from.pipe(to).pipe(from);
  from.on('error', () => to.destroy());
  to.on('error', () => from.destroy());
};

function listen(onConnection: (socket: Socket) => void, at: { host: string; port: number } | { path: string }) {
  return new Promise<Server>((done, failed) => {
    const server = createServer(onConnection);
    server.once('error', failed);
    server.listen(at, () => done(server));
  });
}
