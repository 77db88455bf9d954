import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

/** Of programs; the account's state as JSON; and what AWS's clients call. */
const PAGES = ['grafana', 'sidecar', 'prometheus', 'alertmanager', 'account', 'api'] as const;
type Page = (typeof PAGES)[number];
/** A URL does not say its scheme's own port. */
const HTTPS = 443;

/**
 * Lets the machine see into the nodes' private network, for `--keep`: a loopback port outside leads to a socket in the
 * file system, which both sides see, and that leads to an address inside.
 */
export interface Pages {
  /** Of the sockets, one per page. */
  readonly folder: string;
  /** Outside. */
  readonly urls: Readonly<Record<Page, string>>;
}

/** Outside: one loopback port per page. */
export async function publishPages(cache: string): Promise<Pages & { close(): Promise<void> }> {
  const folder = await mkdtemp(join(cache, 'pages-'));
  const servers: Server[] = [];
  const publish = async (name: Page): Promise<string> => {
    const server = await listen(
      pipeTo(() => connect(join(folder, name))),
      { host: '127.0.0.1', port: 0 },
    );
    servers.push(server);
    return `${name === 'api' ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const published = await Promise.all(PAGES.map(async (name) => [name, await publish(name)] as const));
  return {
    folder,
    urls: Object.fromEntries(published) as Record<Page, string>,
    async close() {
      for (const server of servers) server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Inside: the sockets lead to the pages that there are; they keep no process alive. */
export async function servePages(folder: string, addresses: Readonly<Partial<Record<Page, URL>>>): Promise<void> {
  await Promise.all(
    Object.entries(addresses).map(async ([name, { hostname, port }]) => {
      const server = await listen(
        pipeTo(() => connect(Number(port || HTTPS), hostname)),
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
