import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { fetchArtifact, type FetchOptions, type Progress } from '../../../scripts/exporters/fetch-artifact.ts';
import { progressLines } from '../../../scripts/progress-lines.ts';
import { ConfigError } from '../../../shared/core/errors.ts';
import {
  aRelease,
  type Answer,
  cutAfter,
  listen,
  listener,
  NOWHERE,
  releasePage,
  scratch,
  sha256,
  status,
} from './release-page.ts';

const node = aRelease();
const PATH = node.path('amd64');
const BYTES = node.bytes('amd64');
const { size: _size, ...withoutSize } = node.artifact('amd64');

let path: string;
let pauses: number[];
beforeEach(async () => {
  path = join(await scratch(), 'artifacts/node/1.12.1', node.file('amd64'));
  pauses = [];
});

const fetching = async (
  options: Partial<FetchOptions>,
  artifact: { file: string; sha256: string } = node.artifact('amd64'),
) =>
  await fetchArtifact(path, { name: 'node', locked: node.locked }, artifact, {
    env: {},
    releasePage: NOWHERE,
    pause: async (ms) => void pauses.push(ms),
    ...options,
  });

/** A transfer may stand still for 30 s: of the test's own clock, that a slow machine does not move. */
function stopTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
}

const left = async (): Promise<readonly string[]> => await readdir(dirname(path));

describe('what is not the locked file is refused, and nothing of it is kept', () => {
  test('another checksum', async () => {
    const page = await releasePage({ [PATH]: Buffer.from(BYTES.toString().toUpperCase()) });
    const refused = fetching({ releasePage: page.url });
    await expect(refused).rejects.toThrow(/amd64\.tar\.gz from http.* is not the locked file: SHA-256 .*, expected /);
    await expect(refused).rejects.toBeInstanceOf(ConfigError);
    expect(await left()).toEqual([]);
  });

  test('another size', async () => {
    const page = await releasePage({ [PATH]: Buffer.concat([BYTES, BYTES]) });
    await expect(fetching({ releasePage: page.url })).rejects.toThrow(
      `is not the locked file: more than the expected ${BYTES.length} bytes`,
    );
    expect(await left()).toEqual([]);
  });

  test.each([
    ['one byte more than is locked', node.artifact('amd64'), BYTES.length + 1],
    ['as much as any release has, where no size is locked', withoutSize, 5001],
  ])('a source that never ends, after %s', async (_how, artifact, most) => {
    const CHUNK = Buffer.alloc(1000);
    const endless: Answer = async (_, response) => {
      response.writeHead(200);
      while (!response.destroyed)
        if (!response.write(CHUNK)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    };
    const page = await releasePage({ [PATH]: BYTES }, { [PATH]: [endless] });
    const told: number[] = [];
    const onProgress = ({ done }: Progress) => void told.push(done);
    await expect(fetching({ releasePage: page.url, onProgress, maxBytes: 5000 }, artifact)).rejects.toThrow(
      'is not the locked file',
    );
    expect(told.at(-1)).toBe(most);
    expect(await left()).toEqual([]);
  });

  test('of a file whose size is not locked, the checksum alone decides', async () => {
    const page = await releasePage({ [PATH]: BYTES });
    expect(await fetching({ releasePage: page.url }, withoutSize)).toBeUndefined();
    expect(await left()).toEqual([node.file('amd64')]);
  });

  test('one that lies there already, but was changed, is fetched again', async () => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'changed');
    const page = await releasePage({ [PATH]: BYTES });
    await fetching({ releasePage: page.url });
    expect(await readFile(path)).toEqual(BYTES);
  });
});

describe('a download that breaks', () => {
  test('goes on from the byte where it was cut', async () => {
    const told = listener();
    const page = await releasePage({ [PATH]: BYTES }, { [PATH]: [cutAfter(700, told)] });
    expect(await fetching({ releasePage: page.url, ...told })).toBeUndefined();
    expect(page.asked).toEqual([`GET ${node.file('amd64')}`, `GET ${node.file('amd64')} bytes=700-`]);
    expect(await readFile(path)).toEqual(BYTES);
    expect(await left()).toEqual([node.file('amd64')]);
  });

  test('goes on in the next run, and with what another source has brought', async () => {
    const told = listener();
    const mirror = await releasePage({ [PATH]: BYTES }, { [PATH]: [cutAfter(700, told)] });
    const env = { PROMETHEUS_ON_EMR_MIRROR: mirror.url };
    expect(await fetching({ env, attempts: 1, ...told })).toMatch(/terminated.*, http:.*fetch failed/);
    expect(await left()).toEqual([`${node.file('amd64')}.part-${process.pid}`]);
    const page = await releasePage({ [PATH]: BYTES });
    expect(await fetching({ releasePage: page.url })).toBeUndefined();
    expect(page.asked).toEqual([`GET ${node.file('amd64')} bytes=700-`]);
    expect(await readFile(path)).toEqual(BYTES);
  });

  test('begins anew where the beginning was of another file', async () => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.part-${process.pid}`, 'something else');
    const page = await releasePage({ [PATH]: BYTES });
    expect(await fetching({ releasePage: page.url })).toBeUndefined();
    expect(page.asked).toEqual([`GET ${node.file('amd64')} bytes=14-`, `GET ${node.file('amd64')}`]);
    expect(await readFile(path)).toEqual(BYTES);
  });

  test('takes what a stopped process has left, and not what a running one writes', async () => {
    await mkdir(dirname(path), { recursive: true });
    const STOPPED = 4_194_305; // above Linux's highest process id
    await writeFile(`${path}.part-${STOPPED}`, BYTES.subarray(0, 500));
    await writeFile(`${path}.part-1`, 'of another process');
    const page = await releasePage({ [PATH]: BYTES });
    expect(await fetching({ releasePage: page.url })).toBeUndefined();
    expect(page.asked).toEqual([`GET ${node.file('amd64')} bytes=500-`]);
    expect(await left()).toEqual([node.file('amd64'), `${node.file('amd64')}.part-1`]);
  });

  test('is asked for five times, longer and longer apart', async () => {
    const page = await releasePage({}, { [PATH]: Array.from({ length: 9 }, () => status(503)) });
    expect(await fetching({ releasePage: page.url })).toBe(`${page.url}: answered 503`);
    expect(page.asked).toHaveLength(5);
    expect(pauses).toEqual([1000, 2000, 4000, 8000]);
  });

  test('and stands still is broken off, and goes on from where it stood', async () => {
    const told = listener();
    const stall: Answer = async (_, response, bytes) => {
      response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 700));
      await told.heard(700);
      vi.advanceTimersByTime(30_000);
    };
    const page = await releasePage({ [PATH]: BYTES }, { [PATH]: [stall] });
    stopTimers();
    expect(await fetching({ releasePage: page.url, ...told })).toBeUndefined();
    expect(page.asked).toEqual([`GET ${node.file('amd64')}`, `GET ${node.file('amd64')} bytes=700-`]);
    expect(await readFile(path)).toEqual(BYTES);
  });

  test('and never begins is broken off, too', async () => {
    const page = await releasePage({ [PATH]: BYTES }, { [PATH]: [() => void vi.advanceTimersByTime(30_000)] });
    stopTimers();
    expect(await fetching({ releasePage: page.url })).toBeUndefined();
    expect(page.asked).toHaveLength(2);
  });
});

test('a page without the file is asked once, and named with its answer', async () => {
  const page = await releasePage({});
  expect(await fetching({ releasePage: page.url })).toBe(`${page.url}: answered 404`);
  expect(page.asked).toHaveLength(1);
  expect(await left()).toEqual([]);
});

test('a redirect to plain http is not followed', async () => {
  const elsewhere = await releasePage({ [PATH]: BYTES });
  const url = await listen(
    (_, response) => void response.writeHead(302, { location: `${elsewhere.url}${PATH}` }).end(),
  );
  expect(await fetching({ releasePage: url })).toBe(`${url}: redirects to ${elsewhere.url}, which is not https`);
  expect(elsewhere.asked).toEqual([]);
  expect(await left()).toEqual([]);
});

test('an address with a password is never said: not that of a mirror, not that of a redirect', async () => {
  const url = await listen(
    (_, response) =>
      void response.writeHead(302, { location: 'https://user:s3cret@mirror.example/x?key=s3cret' }).end(),
  );
  expect(await fetching({ releasePage: url })).toBe(
    `${url}: redirects to https://mirror.example with a user or password`,
  );
  const said: unknown[] = [];
  const onProgress = (progress: Progress) => void said.push(progress);
  for (const [mirror, problem] of [
    [
      'https://user:s3cret@mirror.example',
      /^PROMETHEUS_ON_EMR_MIRROR has a user or password.*PROMETHEUS_ON_EMR_ARTIFACTS$/,
    ],
    ['https://s3cret@mirror.example/github', /has a user or password/],
    ['user:s3cret@mirror.example', /^PROMETHEUS_ON_EMR_MIRROR is no address of a mirror: expected https/],
    ['https://mirror.example/?token=s3cret', /is no address/],
    ['s3cret', /is no address/],
  ] as const) {
    const fetched = fetching({ env: { PROMETHEUS_ON_EMR_MIRROR: mirror }, onProgress });
    await expect(fetched).rejects.toThrow(problem);
    await expect(fetched).rejects.toThrow(ConfigError);
    await expect(fetched).rejects.not.toThrow(/s3cret/);
  }
  expect(said).toEqual([]);
});

test('a local folder may be flat, or laid out as the bucket', async () => {
  for (const below of ['', 'artifacts/node/1.12.1']) {
    const folder = await scratch();
    await mkdir(join(folder, below), { recursive: true });
    await writeFile(join(folder, below, node.file('amd64')), BYTES);
    path = join(await scratch(), 'x', node.file('amd64'));
    expect(await fetching({ env: { PROMETHEUS_ON_EMR_ARTIFACTS: folder } })).toBeUndefined();
    expect(await readFile(path)).toEqual(BYTES);
  }
});

test('1 MB at 100 kB/s arrives whole, and a person is told how far and how fast it is', async () => {
  const bytes = randomBytes(1_000_000);
  const PIECE = 100_000;
  const transfer = listener();
  let seconds = 0;
  // The next tenth is sent once the last one was told of, a second of the transfer's own time later.
  const slow: Answer = async (_, response, all) => {
    response.writeHead(200, { 'content-length': all.length });
    for (let at = 0; at < all.length; at += PIECE) {
      seconds += 1;
      response.write(all.subarray(at, at + PIECE));
      await transfer.heard(at + PIECE);
    }
    response.end();
  };
  const page = await releasePage({ [PATH]: bytes }, { [PATH]: [slow] });
  const lines: string[] = [];
  const print = progressLines({ write: (line) => lines.push(line) }, () => seconds * 1000);
  const onProgress = (progress: Progress) => {
    if (progress.done % PIECE === 0) print(progress); // a tenth may come in pieces
    transfer.onProgress(progress);
  };
  const wanted = { file: node.file('amd64'), sha256: sha256(bytes) };
  expect(await fetching({ releasePage: page.url, onProgress }, wanted)).toBeUndefined();
  expect(page.asked).toHaveLength(1);
  expect(lines).toEqual([
    `${node.file('amd64')} from ${page.url} …\n`,
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((at) => `  0.${at} MB of 1.0 MB (${at}0 %), 100 kB/s, ${10 - at} s left\n`),
    '  1.0 MB of 1.0 MB (100 %), 100 kB/s\n',
  ]);
});

test('a transfer may take longer than it may stand still', async () => {
  const transfer = listener();
  const trickle: Answer = async (_, response, all) => {
    response.writeHead(200, { 'content-length': all.length });
    for (const [index, byte] of all.subarray(0, 12).entries()) {
      response.write(Buffer.of(byte));
      await transfer.heard(index + 1);
      vi.advanceTimersByTime(29_000);
    }
    response.end(all.subarray(12));
  };
  const page = await releasePage({ [PATH]: BYTES }, { [PATH]: [trickle] });
  stopTimers();
  expect(await fetching({ releasePage: page.url, attempts: 1, ...transfer })).toBeUndefined();
});
