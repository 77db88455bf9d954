import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const LIBRARY = new URL('../../../infra/exporters/guarded-block.sh', import.meta.url).pathname;
const BLOCK = '# BEGIN ours\ntext\n# END ours\n';

let folder: string;
let file: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'block-')), 'conf');
  mkdirSync(folder, { mode: 0o755 });
  file = join(folder, 'a.properties');
});
afterEach(() => {
  const left = readdirSync(dirname(folder));
  rmSync(dirname(folder), { recursive: true });
  if (left.join() !== 'conf') throw new Error(`the functions left ${left.join()}`);
});

/** What the functions say under the contract's options. */
const run = (script: string): string =>
  execFileSync(
    'timeout',
    [
      '100', // with all that it has started
      'bash',
      '-c',
      `ulimit -v 100000; set -euo pipefail; CHANGED=false BLOCK_BEGIN='# BEGIN ours' BLOCK_END='# END ours'
       . ${LIBRARY}; BLOCK_COPY='${folder}/../copy'; ${script}`,
    ],
    // No socket as stdin: bash would take itself for a remote shell and read somebody's .bashrc.
    { encoding: 'utf8', env: { PATH: process.env['PATH'], LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'pipe'] },
  ).trim();
/** `true` or `false`: was it changed? Or why it could not be. */
const write = (text: string, path = file): string =>
  run(`block_write '${path}' '${text}' && echo $CHANGED || echo "$BLOCK_WHY"`);
const put = (body: string): void => writeFileSync(file, body, { encoding: 'latin1', mode: 0o644 });
const content = (): string => readFileSync(file, 'latin1');

test('what a run that was killed while it wrote has left is gone after the next, whether there is something to do or not', () => {
  const left = join(folder, '.a.properties.prometheus-on-emr');
  put('a=b\n');
  for (const [text, isChanged] of [
    ['', 'false'],
    ['text', 'true'],
    ['text', 'false'],
  ] as const) {
    writeFileSync(left, 'half');
    expect(write(text)).toBe(isChanged);
    expect(existsSync(left)).toBe(false);
  }
});

describe.each([
  ['an empty file', ''],
  ['one line', 'a=b\n'],
  ['a last line without an end', 'a=b'],
  ['a last line that goes on', 'a=b\\'],
  ['lines as on Windows', 'a=b\r\nc=d\r\n'],
  ['a last line without an end, as on Windows', 'a=b\r\nc=d'],
  ['empty lines at the end', 'a=b\n\n\n'],
  ['nothing but an empty line', '\n'],
  ['what is no UTF-8', 'a=\xff\xfe\n'],
])('in %s', (_what, body) => {
  beforeEach(() => {
    put(body);
  });

  const isWhole = body === '' || body.endsWith('\n');
  const mark = isWhole ? '# BEGIN ours' : '\n# BEGIN ours (the last line above had no end)';
  const withBlock = (text: string): string => `${body}\n${mark}\n${text}\n# END ours\n`;

  test('the block comes behind, and is taken out byte for byte', () => {
    expect(write('text')).toBe('true');
    expect(content()).toBe(withBlock('text'));
    expect(write('')).toBe('true');
    expect(content()).toBe(body);
  });

  test('the second time nothing changes, and another text takes the place of the first', () => {
    put(withBlock('text'));
    const { ino } = statSync(file);
    expect(write('text')).toBe('false');
    expect(statSync(file).ino).toBe(ino);
    expect(write('other')).toBe('true');
    expect(content()).toBe(withBlock('other'));
  });

  test("what the user writes behind the block later stays, and so does the user's first part", () => {
    put(`${withBlock('text')}later=1\n`);
    expect(write('')).toBe('true');
    expect(content()).toBe(`${body}${isWhole ? '' : '\n'}later=1\n`);
  });
});

test('whatever was in a file is there again afterwards', () => {
  const line = fc.constantFrom('a', '\\', '\n', '\r', '#', '=', ' ', '\xff', '# BEGIN', '# END ours ');
  const bodies = fc.sample(fc.array(line), 12).map((parts) => parts.join(''));
  for (const [index, body] of bodies.entries()) writeFileSync(join(folder, `${index}`), body, 'latin1');
  run(`for FILE in '${folder}'/*; do block_write "$FILE" text && grep -q text "$FILE" && block_write "$FILE" ''; done`);
  expect(bodies.map((_, index) => readFileSync(join(folder, `${index}`), 'latin1'))).toEqual(bodies);
});

describe('where there is no file', () => {
  test('it is made for everybody to read, and goes with the block', () => {
    expect(write('text')).toBe('true');
    expect(content()).toBe(`\n${BLOCK.replace('ours', 'ours (there was no such file)')}`);
    expect((statSync(file).mode & 0o777).toString(8)).toBe('644');
    expect(write('text')).toBe('false');
    expect(write('other')).toBe('true');
    expect(write('')).toBe('true');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('taking the block out makes none', () => {
    expect(write('')).toBe('false');
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([['above'], ['below']])("the user's lines %s the block keep it there", (where) => {
    write('text');
    writeFileSync(file, where === 'above' ? `mine=1\n${content()}` : `${content()}mine=1\n`);
    write('other');
    write('');
    expect(content()).toBe('mine=1\n');
  });
});

test('a file behind links is changed where it is, the links stay', () => {
  mkdirSync(join(folder, 'conf.dist'));
  symlinkSync('conf.dist', join(folder, 'conf'));
  const real = join(folder, 'conf.dist/real.properties');
  writeFileSync(real, 'a=b\n');
  symlinkSync('real.properties', join(folder, 'conf.dist/link.properties'));
  expect(write('text', join(folder, 'conf/link.properties'))).toBe('true');
  expect(readFileSync(real, 'utf8')).toBe(`a=b\n\n${BLOCK}`);
  expect(lstatSync(join(folder, 'conf.dist/link.properties')).isSymbolicLink()).toBe(true);
});

test('mode and owner stay, and no draft is left', () => {
  put('a=b\n');
  chmodSync(file, 0o640);
  if (process.getuid?.() === 0) execFileSync('chown', ['12:34', file]);
  const { mode, uid, gid, ino } = statSync(file);
  write('text');
  expect(statSync(file)).toMatchObject({ mode, uid, gid });
  expect(statSync(file).ino).not.toBe(ino); // another one in its place: nobody reads half of it
  expect(readdirSync(folder)).toEqual(['a.properties']);
});

describe('whatever its owner makes of the file, root does not hang and holds little of it:', () => {
  test.each([
    ['a pipe', () => execFileSync('mkfifo', [file]), /a\.properties is not a file: take it away$/],
    ['a link to a pipe', () => execFileSync('bash', ['-c', `mkfifo ${folder}/p; ln -s p ${file}`]), /p is not a file/],
    ['a link to a device', () => symlinkSync('/dev/zero', file), /^\/dev\/zero is not a file: take it away$/],
    ['2 MB', () => put('a=b\n'.repeat(500_000)), /a\.properties has over 1 MB and is not read: make it smaller$/],
    ['one line of 2 MB', () => put('a'.repeat(2_000_000)), /a\.properties has over 1 MB/],
    ['20 GB that take no room', () => (put(''), truncateSync(file, 20e9)), /a\.properties has over 1 MB/],
  ])('%s is refused, with the reason', (_what, make, why) => {
    make();
    for (const text of ['text', '']) expect(write(text)).toMatch(why);
  });

  test('one that grows after it was looked at is read no further, and left alone', () => {
    put('a=b\n');
    const grows = `cp() { command cp "$@"; truncate -s 20G "$FILE"; }`;
    expect(run(`${grows}; block_write '${file}' text || echo "$BLOCK_WHY"`)).toMatch(/cannot be written$/);
    expect(statSync(file).size).toBe(20 * 2 ** 30);
    expect(readdirSync(folder)).toEqual(['a.properties']);
  });

  test('the copy that is looked at is for nobody else to read', () => {
    put('a=b\n');
    expect(run(`umask 022; block_copy '${file}'; stat -c %a "$BLOCK_COPY"; rm "$BLOCK_COPY"`)).toBe('600');
  });

  test('a block goes in only where it can be taken out again', () => {
    put('a'.repeat(2 ** 20 - 20));
    expect(write('text')).toMatch(/would have over 1 MB: make it smaller$/);
    put('a'.repeat(2 ** 20 - 200));
    for (const text of ['text', '']) expect(write(text)).toBe('true');
    expect(statSync(file).size).toBe(2 ** 20 - 200);
  });
});

describe('it is left as it is, with the reason,', () => {
  test.each([
    ['one mark alone', '# BEGIN ours\na=b\n'],
    ['the marks in the wrong order', '# END ours\na=b\n# BEGIN ours\n'],
    ['two blocks', `${BLOCK}${BLOCK}`],
  ])('with %s', (_what, body) => {
    put(body);
    for (const text of ['text', '']) expect(write(text)).toMatch(/once each, in this order: take both lines away$/);
    expect(content()).toBe(body);
  });

  test('in a folder where others may write, for they could make root write elsewhere', () => {
    put('a=b\n');
    chmodSync(folder, 0o775);
    expect(write('text')).toMatch(/must belong to root, and nobody else may write there$/);
    expect(content()).toBe('a=b\n');
  });

  test('where the name is a folder, or the folder is not there', () => {
    mkdirSync(file);
    expect(write('text')).toMatch(/is not a file: take it away$/);
    expect(write('text', join(folder, 'gone/a.properties'))).toMatch(/^there is no folder/);
    expect(existsSync(join(folder, 'gone'))).toBe(false);
  });

  test.each([
    ['while it is copied', 'cp() { command cp "$@"; echo new=1 >>"$FILE"; }'],
    [
      'right before the new one takes its place',
      'sha256sum() { command sha256sum; [ ! -s "$NEW" ] || echo new=1 >>"$FILE"; }',
    ],
  ])('when somebody writes %s: their line stays', (_when, meanwhile) => {
    put('a=b\n');
    expect(run(`NEW=/none; ${meanwhile}; block_write '${file}' text && echo $CHANGED || echo "$BLOCK_WHY"`)).toMatch(
      /cannot be written$/,
    );
    expect(content()).toMatch(/^a=b\n(new=1\n)+$/);
    expect(readdirSync(folder)).toEqual(['a.properties']);
  });
});
