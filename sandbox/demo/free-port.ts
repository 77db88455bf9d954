import { createServer, type AddressInfo } from 'node:net';

/** A port of this address that nobody listens on right now. */
export const freePort = (host: string): Promise<number> =>
  new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, host, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
