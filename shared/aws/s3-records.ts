import type { S3Client } from '@aws-sdk/client-s3';
import { ConflictError } from '../core/errors.ts';
import type { ClusterId } from '../core/model.ts';
import { parseRecord, renderRecord } from '../core/record.ts';
import type { Records } from '../ports.ts';
import { byClusterId, s3Objects } from './s3-objects.ts';

const LIVE = 'clusters/';
const live = (id: ClusterId): string => `${LIVE}${id}.json`;
const ended = (id: ClusterId): string => `ended/${id}.json`;

export function s3Records(client: S3Client, bucket: string): Records {
  const objects = s3Objects(client, bucket);
  return {
    async read(id) {
      const object = await objects.get(live(id));
      return object && { value: parseRecord(object.body, live(id)), etag: object.etag };
    },
    save: (record, etag) => objects.put(live(record.clusterId), { body: renderRecord(record), metadata: {} }, etag),
    delete: (id, etag) => objects.delete(live(id), etag),
    isEnded: (id) => objects.exists(ended(id)),

    async markEnded(record) {
      const key = ended(record.clusterId);
      try {
        await objects.put(key, { body: renderRecord(record), metadata: {} }, undefined);
      } catch (error) {
        // The first to say so is enough; a 409 may also mean that nobody has yet.
        if (!(error instanceof ConflictError) || !(await objects.exists(key))) throw error;
      }
    },

    list: async () => byClusterId(LIVE, await objects.list(LIVE)),
  };
}
