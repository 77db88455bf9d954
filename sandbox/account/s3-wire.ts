import type { Clock } from './clock.ts';
import type { CredentialStore } from './credentials.ts';
import { bucketOperation, bucketOperations, type Owner } from './s3-bucket-wire.ts';
import { readUpload } from './s3-upload.ts';
import { type Condition, sameEtag } from './s3-conditions.ts';
import { elsewhere } from './s3-elsewhere.ts';
import { list } from './s3-list-wire.ts';
import type { S3Object } from './s3-versions.ts';
import { escapeXml, tag, xml } from './s3-xml.ts';
import type { S3 } from './s3.ts';
import { verifySignature } from './signature.ts';
import { notImplemented, WireFault, type WireHandler, type WireRequest, type WireResponse } from './wire.ts';

interface Target {
  readonly bucket: string;
  readonly key: string;
}

const OWNER: Owner = { accountId: '123456789012', region: 'us-east-1' };

/** Parameters that say nothing about what to do: the SDK's operation id, the signature, the wish for checksums. */
const NEUTRAL = /^(?:x-id|x-amz-.*)$/i;
const LISTING = new Set([
  'list-type',
  'prefix',
  'delimiter',
  'max-keys',
  'continuation-token',
  'start-after',
  'encoding-type',
]);

/** S3's REST API: docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
export function s3Handler(s3: S3, credentials: CredentialStore, clock: Clock, owner: Owner = OWNER): WireHandler {
  const onBuckets = bucketOperations(s3, owner);
  const answerOf = (operation: string) => (target: Target, request: WireRequest) =>
    onBuckets[operation]?.(target.bucket, request) ?? perform(s3, operation, target, request);
  return async (request) => {
    try {
      verifySignature(request, credentials, clock.now());
      const target = s3Target(request);
      const operation = operationOf(request, target);
      const away = elsewhere(s3, target.bucket, owner, request);
      if (away !== undefined) return refusal(away, request);
      const fault = s3.faults.take(operation, target.key);
      if (fault?.kind === 'error') throw new WireFault(fault.code, 'Injected by the simulated account.', fault.status);
      if (fault?.kind === 'slow') await new Promise<void>((resolve) => void clock.after(fault.ms, resolve));
      const answer = answerOf(operation)(target, request);
      if (fault?.kind === 'lost') return { ...answer, cutAt: 0 };
      return fault?.kind === 'half' ? { ...answer, cutAt: Math.floor(answer.body.length / 2) } : answer;
    } catch (error) {
      if (error instanceof WireFault) return errorAnswer(error, request);
      throw error;
    }
  };
}

/** `<bucket>.s3.<anything>` or `/<bucket>/…`: docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html */
export function s3Target({ headers, path }: WireRequest): Target {
  const virtual = /^(.+)\.s3[.-]/.exec(headers['host'] ?? '')?.[1];
  if (virtual !== undefined) return { bucket: virtual, key: decodeURIComponent(path.slice(1)) };
  const [, bucket = '', rest = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return { bucket, key: decodeURIComponent(rest) };
}

/** The SDK's name of an S3 request; for logs of calls, too. */
export function s3Operation(request: WireRequest): string {
  return operationOf(request, s3Target(request));
}

const OBJECT_OPERATIONS: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  HEAD: 'HeadObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
};

function operationOf({ method, query, headers }: WireRequest, { bucket, key }: Target): string {
  const asked = [...query.keys()].filter((name) => !NEUTRAL.test(name));
  if (bucket === '') throw notImplemented('the S3 operation ListBuckets');
  if (key === '') {
    if (method === 'GET' && query.get('list-type') === '2' && asked.every((name) => LISTING.has(name)))
      return 'ListObjectsV2';
    const operation = bucketOperation(method, asked);
    if (operation !== undefined) return operation;
    throw notImplemented(`the S3 request ${method} on a bucket with the parameters [${asked.join(', ')}]`);
  }
  const operation = OBJECT_OPERATIONS[method];
  if (operation === undefined || asked.length > 0) {
    throw notImplemented(`the S3 request ${method} on an object with the parameters [${asked.join(', ')}]`);
  }
  for (const header of ['x-amz-copy-source', 'range', 'if-modified-since', 'if-unmodified-since']) {
    if (headers[header] !== undefined) throw notImplemented(`the S3 request header ${header}`);
  }
  return operation;
}

function perform(s3: S3, operation: string, { bucket, key }: Target, request: WireRequest): WireResponse {
  const condition: Condition = { ifMatch: request.headers['if-match'], ifNoneMatch: request.headers['if-none-match'] };
  switch (operation) {
    case 'PutObject': {
      const { etag, versionId, headers } = s3.put(bucket, key, { ...readUpload(request), ...condition });
      return { status: 200, headers: { etag, ...named(versionId), ...checksumsOf(headers) }, body: '' };
    }
    case 'DeleteObject': {
      const marker = s3.remove(bucket, key, condition);
      const headers = marker === 'null' ? {} : { 'x-amz-delete-marker': 'true', ...named(marker) };
      return { status: 204, headers, body: '' };
    }
    case 'ListObjectsV2':
      return list(s3, bucket, request.query);
    default:
      return read(s3.get(bucket, key), condition, request);
  }
}

/** A bucket without versioning names none. */
const named = (versionId: string): Readonly<Record<string, string>> =>
  versionId === 'null' ? {} : { 'x-amz-version-id': versionId };

/** Conditional reads: docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html */
function read(object: S3Object, { ifMatch, ifNoneMatch }: Condition, request: WireRequest): WireResponse {
  const { etag, body, versionId, lastModified, metadata } = object;
  const known = { etag, ...named(versionId), 'last-modified': lastModified.toUTCString() };
  if (ifMatch !== undefined && ifMatch !== '*' && !sameEtag(ifMatch, object)) {
    throw new WireFault('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
  }
  if (ifNoneMatch !== undefined && (ifNoneMatch === '*' || sameEtag(ifNoneMatch, object))) {
    return { status: 304, headers: known, body: '' };
  }
  const { 'content-type': type = 'binary/octet-stream' } = object.headers;
  const wantsChecksums =
    (request.headers['x-amz-checksum-mode'] ?? request.query.get('x-amz-checksum-mode')) === 'ENABLED';
  const headers = {
    ...known,
    ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
    ...(wantsChecksums && checksumsOf(object.headers)),
    'accept-ranges': 'bytes',
    'content-type': type,
    'content-length': String(body.length),
  };
  return { status: 200, headers, body };
}

/** With their type, which is never of parts here: docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
function checksumsOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const known = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-checksum-'));
  return known.length === 0 ? {} : { 'x-amz-checksum-type': 'FULL_OBJECT', ...Object.fromEntries(known) };
}

function refusal({ fault, headers }: NonNullable<ReturnType<typeof elsewhere>>, request: WireRequest): WireResponse {
  const answer = errorAnswer(fault, request);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

/** docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; an answer to HEAD has no body. */
function errorAnswer({ code, message, status }: WireFault, { method, path }: WireRequest): WireResponse {
  if (method === 'HEAD') return { status, headers: {}, body: '' };
  return xml(
    status,
    tag('Error', tag('Code', code) + tag('Message', escapeXml(message)) + tag('Resource', escapeXml(path))),
  );
}
