import { expect, test } from 'vitest';
import { progressLines } from '../../scripts/progress-lines.ts';

const BYTES = 20_000_000;

/** One transfer, a tenth of a second between any two words of it; answers what a person sees. */
function told(isTTY: boolean, total: number | undefined, step: number): readonly string[] {
  const written: string[] = [];
  let now = 0;
  const say = progressLines({ isTTY, write: (text) => written.push(text) }, () => now);
  for (let done = 0; done <= BYTES; done += step) {
    say({ step: 'publish', file: 'a.tar.gz', at: 'bucket', done, total });
    now += 100;
  }
  return written;
}

test('a log gets a line per tenth', () => {
  const [first, ...lines] = told(false, BYTES, 100_000);
  expect(first).toBe('a.tar.gz to bucket …\n');
  expect(lines).toHaveLength(10);
  expect(lines[4]).toBe('  10.0 MB of 20.0 MB (50 %), 1000 kB/s, 10 s left\n');
});

test('a terminal gets one line, written anew at most twice a second, and ended with the transfer', () => {
  const [, ...lines] = told(true, BYTES, 100_000);
  expect(lines).toHaveLength(40);
  for (const line of lines) expect(line).toMatch(/^\r {2}\d+\.\d MB of 20\.0 MB/);
  expect(lines.filter((line) => line.endsWith('\n'))).toEqual([lines.at(-1)]);
});

test('of a transfer whose size nobody tells, the terminal shows how much has come', () => {
  expect(told(true, undefined, 1_000_000)[2]).toMatch(/^\r {2}10\.0 MB, 10000 kB\/s +$/);
});
