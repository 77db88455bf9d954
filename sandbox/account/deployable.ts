import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from './account.ts';
import type { RunnerOf } from './deploy-kind.ts';
import { type FaceOptions, openFace } from './face.ts';
import { uploadedCode } from './lambda-code.ts';
import { packagedRunner } from './lambda-package.ts';
import { createTls } from './tls.ts';

/** An account that AWS's own tools find by their environment, and deploy to. */
export interface Deployable {
  readonly url: string;
  /** All that a tool needs, in place of this process's own: an administrator's credentials among it. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

interface DeployableOptions {
  readonly account: Account;
  readonly onLine?: (functionName: string, line: string) => void;
  readonly onCall?: FaceOptions['onCall'];
  /** In place of what was uploaded. */
  readonly runner?: RunnerOf;
}

/** HTTPS for everything, as in AWS: the buckets' policies refuse anything else. Functions run what was uploaded. */
export async function openDeployable({
  account,
  onLine = () => {},
  onCall,
  runner,
}: DeployableOptions): Promise<Deployable> {
  const home = await mkdtemp(join(tmpdir(), 'account-'));
  const tls = await createTls('127.0.0.1');
  const caFile = join(home, 'authority.pem');
  await writeFile(caFile, tls.ca);
  const face = await openFace({ handlers: account.handlers, port: 0, tls, ...(onCall && { onCall }) });
  account.stacks.runAt({
    endpoint: face.url,
    runner:
      runner ??
      packagedRunner({
        folder: uploadedCode(account.s3, join(home, 'code')),
        account,
        endpoint: face.url,
        s3Endpoint: face.url,
        caFile,
        onLine,
      }),
  });
  const { accessKeyId, secretAccessKey, sessionToken } = account.credentials.issue();
  return {
    url: face.url,
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: home,
      AWS_ENDPOINT_URL: face.url,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      NODE_EXTRA_CA_CERTS: caFile,
      // Between two looks of osls at a stack, which waits five seconds otherwise.
      SLS_AWS_MONITORING_FREQUENCY: '50',
    },
    async close() {
      await account.stop();
      await face.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
