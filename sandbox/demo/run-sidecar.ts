import { join } from 'node:path';
import type { Account } from '../account/account.ts';
import { EC2_MAY_ASSUME } from '../account/node-role.ts';
import { sessionOf } from '../account/principals.ts';
import { type Child, startChild } from './child.ts';

interface SidecarOptions {
  readonly account: Account;
  /** The bundle. */
  readonly program: string;
  /** Its folder is below. */
  readonly home: string;
  readonly bucket: string;
  /** ARN of the managed policy that its host's role has, and no other. */
  readonly policy: string;
  readonly s3Endpoint: string;
  /** PEM file of who signed S3's certificate. */
  readonly authority: string;
  /** `host:port` for its page and metrics. */
  readonly listen: string;
  readonly promtool: string;
  /** URL of the one that loads its rules. */
  readonly prometheus: string;
  readonly onFailure: (error: unknown) => void;
}

/** Where it keeps them, below `home`. */
export const targetFolder = (home: string): string => join(home, 'sidecar/targets');
export const contentFolder = (home: string): string => join(home, 'sidecar/content');

export function runSidecar({ account, program, home, ...options }: SidecarOptions): Child {
  const directory = join(home, 'sidecar');
  const role = `arn:aws:iam::${account.accountId}:role/PrometheusHost`;
  account.permissions.putRole(role, { trust: EC2_MAY_ASSUME, managed: [options.policy] });
  const { accessKeyId, secretAccessKey, sessionToken } = account.credentials.issue(sessionOf(role, 'sidecar'));
  const own = ['--bucket', options.bucket, '--directory', directory, '--listen', options.listen];
  const content = [
    '--content',
    contentFolder(home),
    '--promtool',
    options.promtool,
    '--prometheus',
    options.prometheus,
  ];
  const flags = [...own, ...content];
  return startChild([process.execPath, program, ...flags], {
    env: {
      AWS_REGION: account.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_ENDPOINT_URL_S3: options.s3Endpoint,
      NODE_EXTRA_CA_CERTS: options.authority,
    },
    log: join(home, 'sidecar.log'),
    onExit: (code) => options.onFailure(new Error(`the sidecar ended with code ${code}: see ${home}/sidecar.log`)),
  });
}
