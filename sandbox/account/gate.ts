import { parseJson } from './aws-json.ts';
import type { Clock } from './clock.ts';
import type { CredentialStore } from './credentials.ts';
import { askedFor, type Input, type Surveyor } from './iam-asked.ts';
import { askedOfS3 } from './iam-asked-s3.ts';
import type { Permissions } from './permissions.ts';
import type { Asked } from './policy-evaluator.ts';
import { refuse } from './refusal.ts';
import { s3Target } from './s3-wire.ts';
import { verifySignature } from './signature.ts';
import { WireFault, type WireRequest, type WireResponse } from './wire.ts';

/** Asked before a service is: what it answers is the call's answer. */
export type Gate = (request: WireRequest, service: string, operation: string) => WireResponse | undefined;

interface GateOptions {
  readonly permissions: Permissions;
  readonly credentials: CredentialStore;
  readonly clock: Clock;
  readonly place: Surveyor;
}

/** Lets in who has signed and whose policies allow all that the call needs. */
export const createGate =
  ({ permissions, credentials, clock, place }: GateOptions): Gate =>
  (request, service, operation) => {
    try {
      const principal = verifySignature(request, credentials, clock.now());
      for (const asked of needs(request, service, operation, place)) permissions.check(principal, asked);
      return undefined;
    } catch (error) {
      if (error instanceof WireFault) return refuse(error, request, service);
      throw error;
    }
  };

function needs(request: WireRequest, service: string, operation: string, place: Surveyor): readonly Asked[] {
  if (service !== 'S3') return askedFor(service, operation, inputOf(request), place);
  // A request that is not modelled has no operation's name: S3 says so itself.
  if (!/^\w+$/.test(operation)) return [];
  const { headers, query, method, body } = request;
  const [, ofOne] =
    operation === 'DeleteObjects' ? (/<VersionId>([^<]+)/.exec(Buffer.from(body).toString()) ?? []) : [];
  const input = {
    ...s3Target(request),
    prefix: query.get('prefix') ?? undefined,
    versionId: query.get('versionId') ?? ofOne,
    ifMatch: method === 'GET' || method === 'HEAD' ? undefined : headers['if-match'],
  };
  return askedOfS3(operation, input, place, request.tlsVersion);
}

function inputOf({ headers, body, path }: WireRequest): Input {
  const [, functionName] = /\/functions\/([^/]+)/.exec(path) ?? [];
  if (functionName !== undefined) return { FunctionName: decodeURIComponent(functionName) };
  const text = new TextDecoder().decode(body);
  if (headers['x-amz-target'] === undefined) return Object.fromEntries(new URLSearchParams(text));
  const input = parseJson(text || '{}');
  return typeof input === 'object' && input !== null ? { ...input } : {};
}
