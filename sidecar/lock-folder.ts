import { createHash } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { ConfigError } from '../shared/core/errors.ts';

/**
 * Two sidecars on one folder would remove each other's drafts. The lock is an abstract socket: the kernel frees it with
 * its process, however that ends, and it leaves no file. Its name is valid within one network namespace.
 */
export async function lockFolder(home: string, option: '--directory' | '--content'): Promise<void> {
  await mkdir(home, { recursive: true });
  const name = createHash('sha256')
    .update(await realpath(home))
    .digest('hex')
    .slice(0, 32);
  await new Promise<void>((resolve, reject) => {
    createServer((socket) => socket.destroy())
      .once('error', (cause) =>
        reject(new ConfigError(`${option} ${home}: another sidecar is at work there`, { cause })),
      )
      .listen(`\0prometheus-on-emr-sidecar-${name}`, resolve)
      .unref();
  });
}
