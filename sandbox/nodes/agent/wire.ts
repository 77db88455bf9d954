import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Identity } from './identity.ts';

/** An answer other than 200. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
}

export interface Service {
  readonly signingName: 'ssm' | 'ec2messages';
  readonly targetPrefix: 'AmazonSSM' | 'EC2WindowsMessageDeliveryService';
  readonly endpoint: string;
  readonly timeoutMs: number;
}

export type Call = (operation: string, body: object) => Promise<Readonly<Record<string, unknown>>>;

/** JSON 1.1 with SigV4, as both services want it. */
export function signedCalls({ signingName, targetPrefix, endpoint, timeoutMs }: Service, identity: Identity): Call {
  const url = new URL(endpoint);
  const credentials = () => identity.credentials();
  const signer = new SignatureV4({ credentials, region: identity.region, service: signingName, sha256: Sha256 });
  return async (operation, input) => {
    const body = JSON.stringify(input);
    const signed = await signer.sign({
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      path: '/',
      headers: {
        host: url.host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `${targetPrefix}.${operation}`,
      },
      body,
    });
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await fetch(url, { method: 'POST', headers: signed.headers, body, signal });
    const text = await answer.text();
    if (answer.status !== 200) throw new ServiceError(`${operation}: ${answer.status} ${text}`);
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  };
}
