import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { artifactBucket } from '../../../scripts/aws/artifact-bucket.ts';
import { ConfigError } from '../../../shared/core/errors.ts';

const MIB = 1024 * 1024;
const SHA256 = '00'.repeat(32); // nobody here compares it
const REFUSAL = 'HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0\r\n\r\n';

/** A file of so many bytes, and how it is put to what answers for S3. */
async function upload(server: Server, size: number) {
  const folder = await mkdtemp(join(tmpdir(), 'upload-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'file');
  await writeFile(path, 'x');
  await truncate(path, size);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' };
  for (const [variable, value] of Object.entries(env)) vi.stubEnv(variable, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const bucket = artifactBucket({ stage: 'dev', region: 'us-east-1' }, 'bucket');
  const told: number[] = [];
  const onProgress = (done: number) => void told.push(done);
  return { bucket, path, told, put: async () => await bucket.put('key', { path, size, sha256: SHA256, onProgress }) };
}

/** After six seconds without an answer the SDK sends a large file unasked: however long ours takes, they never pass. */
function stopTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
}

test('a large file waits until S3 wants it, and then comes whole', async () => {
  stopTimers();
  const received: number[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    received.push((await buffer(request)).length);
    response.end();
  };
  const ask = async (request: IncomingMessage, response: ServerResponse) => {
    await readFile(path); // time enough for the command to have read some of it, too
    if (told.length > 0) return request.destroy();
    response.writeContinue();
    return await take(request, response);
  };
  const server = createHttpServer((...call) => void take(...call)).on('checkContinue', (...call) => void ask(...call));
  const { path, told, put } = await upload(server, 4 * MIB);
  expect(await put()).toBe(true);
  expect(received).toEqual([4 * MIB]);
  expect(told.at(-1)).toBe(4 * MIB);
});

test.each([
  ['is answered before its last bytes', 'the first bytes, and no others'],
  ['is answered once all of it is read, and not all sent', 'x'.repeat(32 * 1024)],
])('an upload that %s ends its request', async (_name, bytes) => {
  const server = createServer();
  const { path, told, put } = await upload(server, 32 * 1024);
  const pipe = await pipeAt(path);
  await pipe.write(bytes);
  const refused = put();
  const [socket] = (await once(server, 'connection')) as [Socket];
  const closed = closing(socket);
  await expect.poll(() => told.at(-1)).toBe(bytes.length);
  socket.write(REFUSAL);
  expect(await refused).toBe(false);
  await closed;
  await pipe.close();
});

test('a large file that S3 does not want is not read, and ends its request', async () => {
  stopTimers();
  const server = createServer();
  const { told, put } = await upload(server, 4 * MIB);
  const refused = put();
  const [socket] = (await once(server, 'connection')) as [Socket];
  await once(socket, 'data');
  const closed = closing(socket);
  socket.write(REFUSAL);
  expect(await refused).toBe(false);
  await closed;
  expect(told).toEqual([]);
});

test.each([
  ['301, as for a Region of every account', 301],
  ['400, as for one to opt in to', 400],
])('a bucket elsewhere (%s) is refused with its Region, and no file is sent again', async (_name, status) => {
  const received: number[] = [];
  const server = elsewhere(status, 'eu-south-1', received);
  const { bucket, put } = await upload(server, MIB);
  const words = 'the bucket is in eu-south-1, not in us-east-1: name its --region, or another bucket';
  for (const call of [put, () => bucket.check(), () => bucket.head('key')])
    await expect(call()).rejects.toThrow(new ConfigError(words));
  expect(received).toEqual([MIB, 0, 0]);
});

test.each([['us-east-1'], [undefined]])('a 400 that names %s as the Region is no word on it', async (region) => {
  const { bucket } = await upload(elsewhere(400, region), 9);
  await expect(bucket.check()).rejects.toThrow(/^(?!.*the bucket is in)/);
});

test.each([9, 4 * MIB])('a file of %i bytes that is gone is an error of the upload', async (size) => {
  const server = createHttpServer(() => undefined);
  const { path, told, put } = await upload(server, size);
  await rm(path);
  const [failed] = await Promise.all([put().catch((error: unknown) => error), once(server, 'connection')]);
  expect(failed).toBeInstanceOf(ConfigError);
  expect(failed).toMatchObject({
    message: expect.stringMatching(/\/file cannot be read: ENOENT/),
    cause: { code: 'ENOENT' },
  });
  expect(told).toEqual([]);
});

test('an upload whose bytes were all read keeps its connection for later ones', async () => {
  const served: { readonly socket: Socket; readonly answer: () => void }[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    await buffer(request);
    served.push({ socket: request.socket, answer: () => void response.end() });
    if (served.length === 1) response.end();
  };
  const server = createHttpServer((...call) => void take(...call));
  server.keepAliveTimeout = 0; // it is not the server that ends one
  onTestFinished(() => server.closeAllConnections());
  const { path, put } = await upload(server, 9);
  const pipe = await pipeAt(path);
  await pipe.write('all of it');
  expect(await put()).toBe(true); // though the file has not said yet that it ends here
  await rm(path);
  await writeFile(path, 'all of it');
  await pipe.close();
  // None of these is answered: the only connection that can become free is the first.
  const later: Promise<boolean>[] = [];
  const again = () => {
    later.push(put());
    return served.slice(1).some(({ socket }) => socket === served[0]?.socket);
  };
  await expect.poll(again, { interval: 1000 }).toBe(true);
  await expect.poll(() => served.length).toBe(1 + later.length);
  for (const { answer } of served) answer();
  expect(await Promise.all(later)).not.toContain(false);
});

/** Answers as S3 does for a bucket of another Region. */
function elsewhere(status: number, region: string | undefined, received: number[] = []): Server {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    received.push((await buffer(request)).length);
    response.writeHead(status, region === undefined ? {} : { 'x-amz-bucket-region': region }).end();
  };
  return createHttpServer((...call) => void answer(...call));
}

const closing = async (socket: Socket): Promise<void> =>
  await new Promise((done) => void socket.once('error', done).once('close', done).resume());

/** A file whose end comes when it is closed here. */
async function pipeAt(path: string): Promise<FileHandle> {
  await rm(path);
  await promisify(execFile)('mkfifo', [path]);
  return await open(path, 'r+');
}
