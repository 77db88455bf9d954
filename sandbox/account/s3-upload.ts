import { crc32 } from 'node:zlib';
import { createHash } from 'node:crypto';
import { notImplemented, WireFault, type WireRequest } from './wire.ts';

interface Upload {
  readonly body: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

const DIGESTS: Readonly<Record<string, (body: Uint8Array) => Buffer>> = {
  'x-amz-checksum-crc32': (body) => {
    const digest = Buffer.alloc(4);
    digest.writeUInt32BE(crc32(body));
    return digest;
  },
  'x-amz-checksum-sha1': (body) => createHash('sha1').update(body).digest(),
  'x-amz-checksum-sha256': (body) => createHash('sha256').update(body).digest(),
};

/**
 * What a PutObject brings, unwrapped from `aws-chunked` and checked against the checksum the SDK sends by default:
 * docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function readUpload({ headers, body: raw }: WireRequest): Upload {
  const chunked = (headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
  const { body, trailers } = chunked ? unwrap(Buffer.from(raw)) : { body: raw, trailers: {} };
  const declared = headers['x-amz-decoded-content-length'];
  if (declared !== undefined && Number(declared) !== body.length) {
    throw new WireFault(
      'IncompleteBody',
      'You did not provide the number of bytes specified by the Content-Length HTTP header.',
    );
  }
  const checksums = checksumsOf({ ...headers, ...trailers });
  for (const [name, value] of Object.entries(checksums)) check(name, value, body);
  return {
    body,
    metadata: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), value] as const] : [],
      ),
    ),
    headers: {
      ...checksums,
      ...(headers['content-type'] !== undefined && { 'content-type': headers['content-type'] }),
    },
  };
}

const checksumsOf = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => name.startsWith('x-amz-checksum-') && !/-(?:mode|type|algorithm)$/.test(name),
    ),
  );

function check(name: string, value: string, body: Uint8Array): void {
  const digest = DIGESTS[name];
  if (digest === undefined) throw notImplemented(`the checksum header ${name}`);
  if (digest(body).toString('base64') !== value) {
    throw new WireFault(
      'BadDigest',
      `The ${name.slice('x-amz-checksum-'.length)} you specified did not match the calculated checksum.`,
    );
  }
}

/** `<hex size>[;chunk-signature=…]\r\n<bytes>\r\n … 0\r\n<trailer>: <value>\r\n\r\n`: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html */
function unwrap(raw: Buffer): { body: Uint8Array; trailers: Record<string, string> } {
  const pieces: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = raw.indexOf('\r\n', at);
    const size = Number.parseInt(raw.toString('latin1', at, end), 16);
    if (end === -1 || !(size >= 0))
      throw new WireFault('IncompleteBody', 'The chunked body is cut off or not aws-chunked.');
    at = end + 2;
    if (size === 0) break;
    pieces.push(raw.subarray(at, at + size));
    at += size + 2;
  }
  const trailers = raw
    .toString('latin1', at)
    .split('\r\n')
    .map((line) => /^([^:]+):\s*(.*)$/.exec(line));
  return {
    body: Buffer.concat(pieces),
    trailers: Object.fromEntries(
      trailers.flatMap((match) => (match ? [[match[1]?.toLowerCase() ?? '', match[2] ?? '']] : [])),
    ),
  };
}
