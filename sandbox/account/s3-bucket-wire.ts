import type { Permissions } from './permissions.ts';
import { xml, type Xml } from './query-xml.ts';
import type { Home } from './s3-elsewhere.ts';
import type { S3 } from './s3.ts';
import type { Version } from './s3-versions.ts';
import { policyOn } from './stored-policies.ts';
import { notImplemented, WireFault, type WireRequest, type WireResponse } from './wire.ts';

type Answer = (bucket: string, request: WireRequest) => WireResponse;

/** By method and the parameter that names the subresource; the rest are the parameters that it reads. */
const NAMES: Readonly<Record<string, readonly [operation: string, ...reads: string[]]>> = {
  'HEAD ': ['HeadBucket'],
  'DELETE ': ['DeleteBucket'],
  'GET location': ['GetBucketLocation'],
  'GET versioning': ['GetBucketVersioning'],
  'GET encryption': ['GetBucketEncryption'],
  'GET policy': ['GetBucketPolicy'],
  'GET publicAccessBlock': ['GetPublicAccessBlock'],
  'GET tagging': ['GetBucketTagging'],
  'GET versions': ['ListObjectVersions', 'prefix', 'key-marker', 'version-id-marker', 'max-keys', 'encoding-type'],
  'POST delete': ['DeleteObjects'],
};
const SUBRESOURCES = Object.keys(NAMES).flatMap((key) => key.split(' ')[1] || []);

/** The SDK's name of a request to a bucket; undefined: not modelled. `asked`: its parameters that say what to do. */
export function bucketOperation(method: string, asked: readonly string[]): string | undefined {
  const subresource = SUBRESOURCES.find((name) => asked.includes(name)) ?? '';
  const [operation, ...reads] = NAMES[`${method} ${subresource}`] ?? [];
  return asked.every((name) => name === subresource || reads.includes(name)) ? operation : undefined;
}

export interface Owner extends Home {
  readonly permissions?: Pick<Permissions, 'stored'>;
}

/** Operations on buckets: docs: AmazonS3/latest/API, page by name. */
export function bucketOperations(s3: S3, { region, permissions }: Owner): Readonly<Record<string, Answer>> {
  const owned =
    (answer: Answer): Answer =>
    (bucket, request) => {
      s3.settings(bucket);
      return answer(bucket, request);
    };
  const described = (root: string, content: (bucket: string) => Xml): Answer =>
    owned((bucket) => document(root, content(bucket)));

  return {
    HeadBucket: owned(() => ({ status: 200, headers: { 'x-amz-bucket-region': region }, body: '' })),
    DeleteBucket: owned((bucket) => {
      s3.deleteBucket(bucket);
      return { status: 204, headers: {}, body: '' };
    }),
    // us-east-1 is told by an empty constraint.
    GetBucketLocation: described('LocationConstraint', () => (region === 'us-east-1' ? '' : region)),
    GetBucketVersioning: described('VersioningConfiguration', (bucket) =>
      s3.settings(bucket).versioned ? { Status: 'Enabled' } : {},
    ),
    GetBucketEncryption: described('ServerSideEncryptionConfiguration', (bucket) => ({
      Rule: { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: s3.settings(bucket).encryption } },
    })),
    GetBucketPolicy: owned((bucket) => {
      const policy = permissions && policyOn(permissions.stored, `arn:aws:s3:::${bucket}`);
      if (policy === undefined) throw new WireFault('NoSuchBucketPolicy', 'The bucket policy does not exist', 404);
      return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(policy) };
    }),
    GetPublicAccessBlock: described('PublicAccessBlockConfiguration', (bucket) => {
      if (s3.settings(bucket).isPrivate) {
        return { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };
      }
      const code = 'NoSuchPublicAccessBlockConfiguration';
      throw new WireFault(code, 'The public access block configuration was not found', 404);
    }),
    GetBucketTagging: owned((bucket) => {
      const tags = Object.entries(s3.settings(bucket).tags ?? {});
      if (tags.length === 0) throw new WireFault('NoSuchTagSet', 'The TagSet does not exist', 404);
      const all = tags.map(([Key, Value]) => xml({ Tag: { Key, Value } }));
      return inXml('Tagging', `<TagSet>${all.join('')}</TagSet>`);
    }),
    ListObjectVersions: owned((bucket, { query }) => listVersions(s3, bucket, query)),
    DeleteObjects: owned((bucket, { body }) => deleteObjects(s3, bucket, Buffer.from(body).toString())),
  };
}

/** 1,000 in one answer, versions and markers together. */
const PAGE = 1000;

function listVersions(s3: S3, bucket: string, query: URLSearchParams): WireResponse {
  const prefix = query.get('prefix') ?? '';
  const all = s3.versions(bucket, prefix);
  const [key, id] = [query.get('key-marker') ?? '', query.get('version-id-marker')];
  const size = Math.min(Number(query.get('max-keys') ?? PAGE), PAGE);
  const isAfter = (version: Version, n: number): boolean =>
    version.key > key || (id !== null && n > all.findIndex((other) => other.key === key && other.versionId === id));
  const start = key === '' ? 0 : all.findIndex(isAfter);
  const shown = start === -1 ? [] : all.slice(start, start + size);
  const last = shown.at(-1);
  const isTruncated = last !== undefined && last !== all.at(-1);
  const name = (text: string): string =>
    query.get('encoding-type') === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/') : text;
  const entries = shown.map(({ isMarker, isLatest, versionId, lastModified, ...version }) => {
    const common = { Key: name(version.key), VersionId: versionId, IsLatest: isLatest, LastModified: lastModified };
    return isMarker
      ? xml({ DeleteMarker: common })
      : xml({ Version: { ...common, ETag: version.etag, Size: version.size, StorageClass: 'STANDARD' } });
  });
  const head = xml({
    Name: bucket,
    Prefix: name(prefix),
    MaxKeys: size,
    IsTruncated: isTruncated,
    ...(query.get('encoding-type') === 'url' && { EncodingType: 'url' }),
    ...(isTruncated && { NextKeyMarker: name(last.key), NextVersionIdMarker: last.versionId }),
  });
  return inXml('ListVersionsResult', head + entries.join(''));
}

/** Up to 1,000 keys, of the current object or of one version each; what is not there counts as deleted. */
function deleteObjects(s3: S3, bucket: string, body: string): WireResponse {
  const wanted = [...body.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, object = '']) => ({
    key: field(object, 'Key') ?? '',
    versionId: field(object, 'VersionId'),
  }));
  if (wanted.length === 0 || wanted.length > PAGE || wanted.some(({ key }) => key === '')) {
    throw new WireFault(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  if (/<(?:ETag|LastModifiedTime|Size)>/.test(body)) throw notImplemented('a condition of DeleteObjects');
  const deleted = wanted.map(({ key, versionId }) => {
    if (versionId !== undefined) s3.removeVersion(bucket, key, versionId);
    else s3.remove(bucket, key);
    return xml({ Deleted: { Key: key, VersionId: versionId } });
  });
  return inXml('DeleteResult', field(body, 'Quiet') === 'true' ? '' : deleted.join(''));
}

const field = (text: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`)
    .exec(text)?.[1]
    ?.replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll(/&#x([0-9a-fA-F]+);/g, (_match, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll('&amp;', '&');

const document = (root: string, content: Xml): WireResponse => inXml(root, xml(content));
const inXml = (root: string, content: string): WireResponse => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${root}>`,
});
