import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** PEM texts. */
export interface TlsFiles {
  readonly key: string;
  /** The server's certificate. */
  readonly cert: string;
  /** Who signed it: goes into trust stores and NODE_EXTRA_CA_CERTS. */
  readonly ca: string;
}

const run = promisify(execFile);
const EC_KEY = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';

/** A certificate for names and all below them, or for addresses, by an authority that exists for this call only: its key is never kept. */
export async function createTls(...hosts: readonly [string, ...string[]]): Promise<TlsFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'account-tls-'));
  try {
    const openssl = (...lines: readonly string[]): Promise<unknown> =>
      run('openssl', lines.join(' ').split(' '), { cwd: folder });
    await openssl(
      `req -x509 ${EC_KEY} -days 30 -subj /CN=simulated-account -keyout ca.key -out ca.pem`,
      '-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign',
    );
    const names = hosts.map((host) => (isIP(host) === 0 ? `DNS:${host},DNS:*.${host}` : `IP:${host}`)).join(',');
    await openssl(`req ${EC_KEY} -subj /CN=${hosts[0]} -keyout key -out csr`);
    await writeFile(join(folder, 'ext'), `subjectAltName=${names}\nextendedKeyUsage=serverAuth\n`);
    await openssl('x509 -req -in csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile ext -out cert');
    const [key, cert, ca] = await Promise.all(
      ['key', 'cert', 'ca.pem'].map((name) => readFile(join(folder, name), 'utf8')),
    );
    return { key: key ?? '', cert: cert ?? '', ca: ca ?? '' };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
