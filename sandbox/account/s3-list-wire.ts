import type { Listing } from './s3-list.ts';
import { escapeXml, tag, xml } from './s3-xml.ts';
import type { S3 } from './s3.ts';
import { WireFault, type WireResponse } from './wire.ts';

/** docs: AmazonS3/latest/API/API_ListObjectsV2 */
export function list(s3: S3, bucket: string, query: URLSearchParams): WireResponse {
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
