import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { ConfigError } from '../core/errors.ts';
import type { ExporterSettings } from '../core/settings.ts';
import type { Artifacts } from '../ports.ts';
import { aws } from './aws-error.ts';
import { s3Objects } from './s3-objects.ts';

const VALID_SECONDS = 3600;

/** A file once seen stays (old artifacts are never deleted); a missing one may be uploaded any minute: asked again. */
export function s3Artifacts(client: S3Client, bucket: string, exporters: readonly ExporterSettings[]): Artifacts {
  const objects = s3Objects(client, bucket);
  const seen = new Set<string>();
  const isThere = async (key: string): Promise<boolean> => {
    if (!seen.has(key) && (await objects.exists(key))) seen.add(key);
    return seen.has(key);
  };
  const presign = (Key: string): Promise<string> =>
    aws('presign s3:GetObject', () =>
      getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key }), { expiresIn: VALID_SECONDS }),
    );

  return {
    async urls(exporter) {
      const files = exporters.find(({ name }) => name === exporter)?.artifacts;
      if (files === undefined) throw new ConfigError(`no exporter ${exporter} in the settings`);
      const there = await Promise.all(Object.values(files).map(isThere));
      if (there.includes(false)) return undefined;
      const signed = Object.entries(files).map(async ([parameter, key]) => [parameter, await presign(key)] as const);
      return Object.fromEntries(await Promise.all(signed));
    },
  };
}
