import { createHash, createHmac } from 'node:crypto';
import type { Credentials, CredentialStore } from './credentials.ts';
import { notImplemented, WireFault, type WireRequest } from './wire.ts';

/**
 * Signature version 4 as AWS checks it, in the Authorization header or in the query (presigned).
 * docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html,
 * docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
interface Signed {
  /** Access key id, date, region, service, `aws4_request`. */
  readonly scope: readonly string[];
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly date: string;
  readonly token: string | undefined;
  /** Undefined: the body's own. */
  readonly payloadHash: string | undefined;
  /** Presigned only. */
  readonly expires?: number;
}

const denied = (message: string): WireFault => new WireFault('AccessDenied', message, 403);

/** Who signed it. Throws what S3 answers when the request is not signed, signed by nobody we know, changed, or too old. */
export function verifySignature(request: WireRequest, credentials: CredentialStore, now: Date): string {
  const signed = request.query.has('X-Amz-Signature') ? fromQuery(request) : fromHeader(request);
  const owner = credentials.find(signed.scope[0] ?? '');
  if (owner === undefined) {
    throw new WireFault('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', 403);
  }
  checkAge(signed, owner, now);
  if (signed.signature !== sign(request, signed, owner.secretAccessKey)) {
    throw new WireFault(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      403,
    );
  }
  return owner.principal;
}

function checkAge({ date, expires, token }: Signed, owner: Credentials, now: Date): void {
  if (expires !== undefined && now.getTime() > parseDate(date) + expires * 1000) throw denied('Request has expired');
  if (token !== owner.sessionToken)
    throw new WireFault('InvalidToken', 'The provided token is malformed or otherwise invalid.');
  if (now > owner.expiresAt) throw new WireFault('ExpiredToken', 'The provided token has expired.');
}

function fromQuery({ query }: WireRequest): Signed {
  const expires = Number(query.get('X-Amz-Expires'));
  const WEEK = 604_800;
  if (!(expires >= 1 && expires <= WEEK)) {
    throw new WireFault('AuthorizationQueryParametersError', 'X-Amz-Expires must be between 1 and 604800 seconds');
  }
  return {
    scope: (query.get('X-Amz-Credential') ?? '').split('/'),
    signedHeaders: (query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature: query.get('X-Amz-Signature') ?? '',
    date: query.get('X-Amz-Date') ?? '',
    token: query.get('X-Amz-Security-Token') ?? undefined,
    payloadHash: query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD',
    expires,
  };
}

function fromHeader({ headers, query }: WireRequest): Signed {
  if (query.has('AWSAccessKeyId')) throw notImplemented('signature version 2');
  const match = /^AWS4-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/.exec(
    headers['authorization'] ?? '',
  );
  if (match === null) throw denied('Access Denied');
  const [, scope = '', signedHeaders = '', signature = ''] = match;
  return {
    scope: scope.split('/'),
    signedHeaders: signedHeaders.split(';'),
    signature,
    date: headers['x-amz-date'] ?? '',
    token: headers['x-amz-security-token'],
    payloadHash: headers['x-amz-content-sha256'],
  };
}

function sign(request: WireRequest, { scope, signedHeaders, date, payloadHash }: Signed, secret: string): string {
  const [, day = '', region = '', service = ''] = scope;
  // Only S3 takes the path as it was sent; the others encode it once more.
  const path = service === 's3' ? decodeURIComponent(request.path) : request.path;
  const canonical = [
    request.method,
    encode(path).replaceAll('%2F', '/'),
    canonicalQuery(request.query),
    ...signedHeaders.map((name) => `${name}:${(request.headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    payloadHash ?? sha256(request.body),
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', date, scope.slice(1).join('/'), sha256(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${secret}`);
  return hmac(key, toSign).toString('hex');
}

const canonicalQuery = (query: URLSearchParams): string =>
  [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');

const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const parseDate = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
