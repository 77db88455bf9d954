import { describe, expect, test } from 'vitest';
import { contentCommand } from '../../../scripts/content/content.ts';
import { contentBucket } from '../../../scripts/aws/content-bucket.ts';
import { publishContent } from '../../../scripts/content/publish-content.ts';
import { readContent } from '../../../scripts/content/read-content.ts';
import { contentWorld } from '../../sidecar/content-world.ts';
import { cliWorld } from '../cli-world.ts';
import { checkout, GOOD, noPromtool, PRICES, RULES } from './content-world.ts';

const silent = (): void => undefined;

/** Of a key: without the prefix, and the sum of what is under it. */
const nameOf = (key: string): string => key.replace(/^content\/(?:[0-9a-f]{64}\/)?/, '');

describe('publish', () => {
  test('puts every file and the manifest last, with runbooks where runbookUrl says, and a sidecar loads them', async () => {
    const { publish, look, inUse, view } = await contentWorld();
    const keys: string[] = [];
    const files = await readContent({
      root: await checkout({ ...GOOD, 'prices.csv': PRICES }),
      promtool: undefined,
      say: silent,
    });
    const bodies = new Map<string, string>();
    const put = async (key: string, body: string): Promise<void> => {
      keys.push(key);
      bodies.set(nameOf(key), body);
    };
    const bucket = {
      name: 'b',
      etag: async () => undefined,
      put,
      putOver: async (key: string, body: string) => put(key, body).then(() => true),
    };
    await publishContent(files, bucket, 'https://wiki.example.com/r?page=docs/runbooks');
    expect(keys.slice(0, -1).map(nameOf).toSorted()).toEqual([
      'dashboards/emr-mine.json',
      'prices.csv',
      'rules/mine.rules.yml',
    ]);
    expect(keys.at(-1)).toBe('content/manifest.json');
    publish(Object.fromEntries(bodies), bodies.get('manifest.json'));
    expect(await look()).toBe('same');
    expect(view().files).toHaveLength(3);
    expect(await inUse('rules/mine.rules.yml')).toBe(
      RULES.replace('docs/runbooks/', 'https://wiki.example.com/r?page=docs/runbooks/'),
    );
  });

  test('reaches the bucket of the stage, again and again, and keeps to itself what is not of content', async () => {
    const { account, bucket, env } = await cliWorld();
    const root = await checkout(GOOD);
    const run = (): Promise<void> =>
      contentCommand(['publish', '--region', 'us-east-1'], { ...env, ...noPromtool }, silent, root);
    await run();
    await run();
    const keys = account.s3.list(bucket, {}).objects.map(({ key }) => key);
    expect(keys.map(nameOf).toSorted()).toEqual(['dashboards/emr-mine.json', 'manifest.json', 'rules/mine.rules.yml']);
  });

  test('without a stack says how there is one', async () => {
    const { env } = await cliWorld();
    const run = contentCommand(
      ['publish', '--stage', 'prod', '--region', 'us-east-1'],
      { ...env, ...noPromtool },
      silent,
      await checkout(GOOD),
    );
    await expect(run).rejects.toThrow('nothing is deployed as stage prod in us-east-1: deploy first');
  });

  test('of two at once one fails and says so: the host never has a mixture', async () => {
    const { bucket, account } = await cliWorld();
    const real = contentBucket({ stage: 'dev', region: 'us-east-1' }, bucket);
    const files = await readContent({ root: await checkout(GOOD), promtool: undefined, say: silent });
    const slow = {
      ...real,
      etag: async (key: string) => {
        const before = await real.etag(key);
        await publishContent(files, real, 'docs/runbooks');
        return before;
      },
    };
    await expect(publishContent(files, slow, 'docs/runbooks')).rejects.toThrow(
      `somebody else has published to ${bucket} at the same time: publish again`,
    );
    expect(account.s3.list(bucket, { prefix: 'content/' }).objects).toHaveLength(3);
  });
});
