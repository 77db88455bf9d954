import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import type { S3 } from './s3.ts';
import { WireFault } from './wire.ts';

/** Unpacks below `home` the zip that was uploaded for a function, once per content; answers the folder. */
export function uploadedCode(s3: S3, home: string) {
  return ({ S3Bucket, S3Key }: { readonly S3Bucket: string; readonly S3Key: string }): string => {
    const object = s3.find(S3Bucket, S3Key);
    if (object === undefined) {
      throw new WireFault(
        'InvalidParameterValueException',
        'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.',
      );
    }
    const folder = join(home, createHash('sha256').update(object.body).digest('hex').slice(0, 16));
    if (existsSync(folder)) return folder;
    const draft = `${folder}.draft`;
    mkdirSync(draft, { recursive: true });
    for (const [name, content] of Object.entries(unzipSync(object.body))) writeFileSync(join(draft, name), content);
    renameSync(draft, folder);
    return folder;
  };
}
