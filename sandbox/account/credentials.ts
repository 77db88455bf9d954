import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';
import { administrator } from './principals.ts';

/** Temporary credentials, as STS hands them to a role: three parts, and an end. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: Date;
}

/** With whose they are: the ARN of a role's session. */
interface Issued extends Credentials {
  readonly principal: string;
}

export interface CredentialStore {
  /** By default an administrator's. */
  issue(principal?: string, lifetimeMs?: number): Credentials;
  /** Those that somebody else made: a node's, by its metadata service. */
  enter(credentials: Issued): void;
  find(accessKeyId: string): Issued | undefined;
}

/** A Lambda function's role session lives for hours; nothing here outlives half a day. */
const LIFETIME = 12 * 3600_000;

export function createCredentials(clock: Clock, accountId = '123456789012'): CredentialStore {
  const issued = new Map<string, Issued>();
  const enter = (credentials: Issued): void => void issued.set(credentials.accessKeyId, credentials);
  return {
    issue(principal = administrator(accountId), lifetimeMs = LIFETIME) {
      const secret = randomBytes(30);
      const credentials: Credentials = {
        // `ASIA` marks temporary keys: docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
        accessKeyId: `ASIA${createHash('sha256').update(secret).digest('hex').slice(0, 16).toUpperCase()}`,
        secretAccessKey: secret.toString('base64'),
        sessionToken: randomBytes(96).toString('base64'),
        expiresAt: new Date(clock.now().getTime() + lifetimeMs),
      };
      enter({ ...credentials, principal });
      return credentials;
    },
    enter,
    find: (accessKeyId) => issued.get(accessKeyId),
  };
}
