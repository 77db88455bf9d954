import type { Clock } from './clock.ts';
import type { CredentialStore } from './credentials.ts';
import { bucketOperation, bucketOperations, type Owner } from './s3-bucket-wire.ts';
import { readUpload } from './s3-upload.ts';
import { type Condition, sameEtag } from './s3-conditions.ts';
import type { Listing } from './s3-list.ts';
import type { S3Object } from './s3-versions.ts';
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
      return { status: 200, headers: { etag, 'x-amz-version-id': versionId, ...checksumsOf(headers) }, body: '' };
    }
    case 'DeleteObject': {
      const marker = s3.remove(bucket, key, condition);
      return { status: 204, headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker }, body: '' };
    }
    case 'ListObjectsV2':
      return list(s3, bucket, request.query);
    default:
      return read(s3.get(bucket, key), condition, request);
  }
}

/** Conditional reads: docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html */
function read(object: S3Object, { ifMatch, ifNoneMatch }: Condition, request: WireRequest): WireResponse {
  const { etag, body, versionId, lastModified, metadata } = object;
  const known = { etag, 'x-amz-version-id': versionId, 'last-modified': lastModified.toUTCString() };
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

const checksumsOf = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-amz-checksum-')));

function list(s3: S3, bucket: string, query: URLSearchParams): WireResponse {
  const token = query.get('continuation-token');
  const after = token === null ? query.get('start-after') : Buffer.from(token, 'base64url').toString();
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter');
  const limit = Number(query.get('max-keys') ?? '1000');
  if (!Number.isInteger(limit) || limit < 0)
    throw new WireFault('InvalidArgument', 'Argument maxKeys must be an integer between 0 and 2147483647');
  const found = s3.list(bucket, { prefix, limit, ...(after !== null && { after }), ...(delimiter && { delimiter }) });
  const url = query.get('encoding-type') === 'url';
  const name = (key: string): string => (url ? encodeURIComponent(key).replaceAll('%2F', '/') : escapeXml(key));
  const fields = [
    tag('Name', bucket),
    tag('Prefix', name(prefix)),
    ...(delimiter ? [tag('Delimiter', name(delimiter))] : []),
    ...(url ? [tag('EncodingType', 'url')] : []),
    tag('MaxKeys', String(limit)),
    tag('KeyCount', String(found.objects.length + found.prefixes.length)),
    tag('IsTruncated', String(found.next !== undefined)),
    ...(found.next === undefined ? [] : [tag('NextContinuationToken', Buffer.from(found.next).toString('base64url'))]),
    ...entries(found, name),
  ];
  return xml(
    200,
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${fields.join('')}</ListBucketResult>`,
  );
}

const entries = ({ objects, prefixes }: Listing, name: (key: string) => string): string[] => [
  ...objects.map(({ key, etag, body, lastModified }) =>
    tag(
      'Contents',
      [
        tag('Key', name(key)),
        tag('LastModified', lastModified.toISOString()),
        tag('ETag', escapeXml(etag)),
        tag('Size', String(body.length)),
        tag('StorageClass', 'STANDARD'),
      ].join(''),
    ),
  ),
  ...prefixes.map((prefix) => tag('CommonPrefixes', tag('Prefix', name(prefix)))),
];

/** docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; an answer to HEAD has no body. */
function errorAnswer({ code, message, status }: WireFault, { method, path }: WireRequest): WireResponse {
  if (method === 'HEAD') return { status, headers: {}, body: '' };
  return xml(
    status,
    tag('Error', tag('Code', code) + tag('Message', escapeXml(message)) + tag('Resource', escapeXml(path))),
  );
}

const xml = (status: number, body: string): WireResponse => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
});
const tag = (name: string, content: string): string => `<${name}>${content}</${name}>`;
const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
