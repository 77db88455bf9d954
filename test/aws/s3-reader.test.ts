import { S3Client } from '@aws-sdk/client-s3';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { s3Reader } from '../../shared/aws/s3-reader.ts';

/** A reader before a server that behaves as S3 never should. */
async function readerOf(serve: RequestListener, answerMs: number) {
  const server = createServer(serve);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
  return s3Reader(client, 'monitoring', answerMs);
}

/** One byte at a time, for ever: no idle time-out would notice. */
const drip: RequestListener = (_request, response) => {
  response.writeHead(200, { etag: '"1"', 'content-length': '1000' });
  const timer = setInterval(() => response.write('x'), 5);
  response.on('close', () => clearInterval(timer));
};

test('a body that never ends is given up after the time for a whole answer', async () => {
  const reader = await readerOf(drip, 100);
  await expect(reader.read('k', 1e6)).rejects.toMatchObject({
    name: 'UnavailableError',
    message: 's3:GetObject monitoring/k: no whole answer within 0.1 s',
  });
});

test('a server that never answers is given up after the time for a whole answer', async () => {
  const reader = await readerOf(() => undefined, 100);
  await expect(reader.list('targets/')).rejects.toMatchObject({
    name: 'UnavailableError',
    message: 's3:ListObjectsV2 monitoring/targets/: no whole answer within 0.1 s',
  });
});

test('no more than the limit is read of a body without a length, and its connection is closed', async () => {
  const closed = Promise.withResolvers<void>();
  const reader = await readerOf((_request, response) => {
    response.writeHead(200, { etag: '"1"' });
    const timer = setInterval(() => response.write(Buffer.alloc(10_000)), 1);
    response.on('close', () => {
      clearInterval(timer);
      closed.resolve();
    });
  }, 60_000);
  await expect(reader.read('k', 100_000)).rejects.toMatchObject({
    name: 'UnreadableError',
    message: 'longer than 100000 bytes',
  });
  await closed.promise;
});
