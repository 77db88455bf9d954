import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';

/** Temporary credentials, as STS hands them to a role: three parts, and an end. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: Date;
}

export interface CredentialStore {
  issue(lifetimeMs?: number): Credentials;
  find(accessKeyId: string): Credentials | undefined;
}

/** A Lambda function's role session lives for hours; nothing here outlives half a day. */
const LIFETIME = 12 * 3600_000;

export function createCredentials(clock: Clock): CredentialStore {
  const issued = new Map<string, Credentials>();
  return {
    issue(lifetimeMs = LIFETIME) {
      const secret = randomBytes(30);
      const credentials: Credentials = {
        // `ASIA` marks temporary keys: docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
        accessKeyId: `ASIA${createHash('sha256').update(secret).digest('hex').slice(0, 16).toUpperCase()}`,
        secretAccessKey: secret.toString('base64'),
        sessionToken: randomBytes(96).toString('base64'),
        expiresAt: new Date(clock.now().getTime() + lifetimeMs),
      };
      issued.set(credentials.accessKeyId, credentials);
      return credentials;
    },
    find: (accessKeyId) => issued.get(accessKeyId),
  };
}
