import { describe, expect, test } from 'vitest';
import { nodeExporter } from '../core/sample-record.ts';
import { BUCKET, FACES } from './account.ts';

const { UrlAmd64 = '', UrlArm64 = '' } = nodeExporter.artifacts;

describe.each(FACES)('Artifacts: %s', (_name, open) => {
  test('while a file is missing there are no URLs', async () => {
    const { ports, account } = await open();
    account.s3.put(BUCKET, UrlAmd64, { body: 'binary' });
    expect(await ports.artifacts.urls('node')).toBeUndefined();
  });

  test('every document parameter gets the URL of its own file', async () => {
    const { ports, account } = await open();
    for (const key of [UrlAmd64, UrlArm64]) account.s3.put(BUCKET, key, { body: 'binary' });
    const urls = await ports.artifacts.urls('node');
    expect(
      Object.entries(urls ?? {}).map(([name, url]) => [
        name,
        new URL(url).pathname.endsWith(`/${nodeExporter.artifacts[name]}`),
      ]),
    ).toEqual([
      ['UrlAmd64', true],
      ['UrlArm64', true],
    ]);
  });
});

test('a presigned URL fetches its file with no credentials at all, for an hour', async () => {
  const { ports, account, clock } = await FACES[1][1]();
  for (const key of [UrlAmd64, UrlArm64]) account.s3.put(BUCKET, key, { body: key });
  const url = (await ports.artifacts.urls('node'))?.['UrlArm64'] ?? '';
  const download = async () => {
    const response = await fetch(url);
    return [response.status, response.ok ? await response.text() : ''];
  };
  await clock.advance(3_500_000);
  expect(await download()).toEqual([200, UrlArm64]);
  await clock.advance(200_000);
  expect(await download()).toEqual([403, '']);
});
