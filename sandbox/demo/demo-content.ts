import { join } from 'node:path';
import type { ContentBucket } from '../../scripts/aws/content-bucket.ts';
import { publishContent } from '../../scripts/content/publish-content.ts';
import { readContent } from '../../scripts/content/read-content.ts';
import type { Account } from '../account/account.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Somebody's, so that money is shown; not those of AWS. */
const PRICES = `instance_type,region,market,usd_per_hour
m5.xlarge,us-east-1,ON_DEMAND,0.24
m5.xlarge,us-east-1,SPOT,0.12
`;

/** Rules, dashboards and prices go through the bucket, as with npm run content -- publish. */
export async function publishDemoContent({ s3 }: Account, bucket: string): Promise<void> {
  const files = await readContent({ root: ROOT, promtool: undefined, say: () => undefined });
  const prices = { path: 'prices.csv', source: import.meta.filename, text: PRICES };
  const put = (key: string, body: string): void => void s3.put(bucket, key, { body });
  const empty: ContentBucket = {
    name: bucket,
    etag: () => Promise.resolve(undefined),
    put: (key, body) => Promise.resolve(put(key, body)),
    putOver: (key, body) => Promise.resolve(put(key, body)).then(() => true),
  };
  await publishContent([...files.filter(({ path }) => path !== prices.path), prices], empty, 'docs/runbooks');
}
