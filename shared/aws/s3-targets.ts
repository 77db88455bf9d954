import type { S3Client } from '@aws-sdk/client-s3';
import type { ClusterId } from '../core/model.ts';
import type { TargetFiles } from '../ports.ts';
import { byClusterId, s3Objects } from './s3-objects.ts';

const PREFIX = 'targets/';
const keyOf = (id: ClusterId): string => `${PREFIX}${id}.json`;
/** A file without our sequence was written by somebody else: older than any of ours, so it is repaired. */
const NOT_OURS = -1;

export function s3Targets(client: S3Client, bucket: string): TargetFiles {
  const objects = s3Objects(client, bucket);
  return {
    async read(id) {
      const object = await objects.get(keyOf(id));
      return object && { value: { body: object.body, sequence: sequenceOf(object.metadata) }, etag: object.etag };
    },
    put: (id, { body, sequence }, etag) =>
      objects.put(keyOf(id), { body, metadata: { sequence: String(sequence) } }, etag),
    delete: (id, etag) => objects.delete(keyOf(id), etag),
    list: async () => byClusterId(PREFIX, await objects.list(PREFIX)),
  };
}

const sequenceOf = ({ sequence = '' }: Readonly<Record<string, string>>): number =>
  /^\d+$/.test(sequence) ? Number(sequence) : NOT_OURS;
