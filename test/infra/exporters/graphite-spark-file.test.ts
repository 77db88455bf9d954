import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const FOLDER = new URL('../../../infra/exporters/', import.meta.url).pathname;
const CLASS = '*.sink.mine.class=org.apache.spark.metrics.sink.GraphiteSink\n';
const SAME = `${CLASS}*.sink.mine.host=127.0.0.1\n*.sink.mine.port=9109\n`;
const OTHER = `${CLASS}*.sink.mine.host=carbon\n`;

let folder: string;
let conf: string;
let file: string;
let defaults: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spark-'));
  conf = join(folder, 'conf');
  mkdirSync(conf, { mode: 0o755 });
  file = join(conf, 'metrics.properties');
  defaults = join(conf, 'spark-defaults.conf');
});
afterEach(() => {
  const left = readdirSync(folder);
  rmSync(folder, { recursive: true });
  if (left.join() !== 'conf') throw new Error(`the functions left ${left.join()}`);
});

/** What an order says of Spark, or the uninstall document does: with what it may take of memory and processor time. */
const order = (steps = 'spark_look; spark_apply; echo "$CHANGED $REASON"'): string =>
  execFileSync(
    'timeout',
    [
      '100', // with all that it has started
      'bash',
      '-c',
      `ulimit -v 150000; ulimit -t 8; set -euo pipefail; CHANGED=false REASON='' REGEX='^a'
       report() { echo "$CHANGED $1: $3"; exit "$2"; }; fail() { echo "failed: $1"; exit 0; }
       . ${FOLDER}guarded-block.sh; . ${FOLDER}graphite/spark.sh
       BLOCK_COPY='${folder}/copy' SPARK_CONF='${conf}' SPARK_FILE='${file}'; ${steps}`,
    ],
    // No socket as stdin: bash would take itself for a remote shell and read somebody's .bashrc.
    { encoding: 'utf8', env: { PATH: process.env['PATH'], LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'pipe'] },
  ).trim();
const remove = 'spark_remove && echo "$CHANGED" || echo "failed: $BLOCK_WHY"';
const text = (): string => readFileSync(file, 'utf8');
const pipe = (path: string) => execFileSync('mkfifo', [path]);

describe('a metrics.properties that is no file, or too large: no order hangs, the exporter is installed and says the way out', () => {
  test.each([
    ['a pipe', () => pipe(file), /metrics\.properties is not a file: take it away, or give/],
    ['a link to a device', () => symlinkSync('/dev/zero', file), /\/dev\/zero is not a file/],
    ['2 MB', () => writeFileSync(file, 'a=b\n'.repeat(500_000)), /has over 1 MB and is not read: make it smaller, or/],
  ])('%s', (_what, make, why) => {
    make();
    const said = order();
    expect(said).toMatch(
      /^false Spark has no sink from us: .* classification spark-metrics \(docs\/exporters\/graphite/,
    );
    expect(said).toMatch(why);
  });

  test('a pipe holds no block of ours: uninstall goes on', () => {
    pipe(file);
    expect(order(remove)).toBe('false');
  });
});

test.each([
  ['a pipe', () => pipe(defaults), /spark-defaults\.conf is not a file/],
  [
    '2 MB',
    () => writeFileSync(defaults, 'a b\n'.repeat(500_000)),
    /spark-defaults\.conf has over 1 MB and is not read/,
  ],
])('a spark-defaults.conf that is %s is not read, that is said, and the block is written', (_what, make, why) => {
  make();
  expect(order()).toMatch(why);
  expect(text()).toContain('# BEGIN');
});

test.each([
  ['one line', 'a'.repeat(900_000)],
  ['blanks', `*.sink.a.b=${' '.repeat(900_000)}`],
  ['backslashes', '\\'.repeat(900_000)],
  ['lines that go on', '\\\n'.repeat(450_000)],
  ['empty lines', '\n'.repeat(900_000)],
  ['short lines', 'a\n'.repeat(450_000)],
  ['blanks in lines', `a=${' '.repeat(990)}b\n`.repeat(900)],
  ['sinks', Array.from({ length: 40_000 }, (_, sink) => `*.sink.${sink}.period=1\n`).join('')],
])('900,000 characters of %s are read in seconds, and what is before them counts', (_what, line) => {
  writeFileSync(file, `${SAME}${line}\n`);
  expect(order()).toMatch(/the same as ours/);
});

test('without awk the order fails: what sinks there are would not be known', () => {
  writeFileSync(file, OTHER);
  expect(order('awk() { return 127; }; spark_look; spark_apply || true')).toBe(
    'failed: awk does not read what sinks Spark has',
  );
  expect(text()).toBe(OTHER);
});

describe("a sink of the user's that comes after our block", () => {
  test('and is the same takes its place, and ours comes back when it goes', () => {
    order();
    const { length } = text();
    writeFileSync(file, `${text()}${SAME}`);
    expect(order()).toMatch(/^true the Graphite sink that is there is the same as ours/);
    expect(text()).toBe(SAME);
    expect(order()).toMatch(/^false the Graphite sink/);
    writeFileSync(file, '');
    expect(order()).toBe('true');
    expect(text().length).toBeLessThanOrEqual(length);
    expect(text()).toContain('# BEGIN');
  });

  test('and goes elsewhere is a conflict, and ours is taken out', () => {
    writeFileSync(file, 'a=b\n');
    order();
    writeFileSync(file, `${OTHER}${text()}`);
    expect(order()).toMatch(/^true conflict: Spark has a Graphite sink of its own, mine/);
    expect(text()).toBe(`${OTHER}a=b\n`);
    expect(order()).toMatch(/^false conflict/);
  });

  test('in spark-defaults.conf counts as well', () => {
    order();
    writeFileSync(defaults, OTHER.replaceAll(/^/gm, 'spark.metrics.conf.').replace(/spark\.metrics\.conf\.$/, ''));
    expect(order()).toMatch(/^true conflict/);
    expect(readdirSync(conf)).toEqual(['spark-defaults.conf']);
  });

  test.each([SAME, OTHER])('that was there before ours is left alone', (sink) => {
    writeFileSync(file, sink);
    expect(order()).toMatch(/^false (the Graphite sink that is there|conflict)/);
    expect(text()).toBe(sink);
  });
});

describe('in a folder where others may write', () => {
  test('there is no block: the exporter is installed all the same, and the reason says the way out', () => {
    writeFileSync(file, 'a=b\n');
    chmodSync(conf, 0o775);
    expect(order()).toMatch(
      /^false Spark has no sink from us: \S+ must belong to root, and nobody else may write there, or give the cluster the classification spark-metrics/,
    );
    expect(text()).toBe('a=b\n');
    expect(order('spark_look; spark_apply; echo "again $AGAIN"')).toBe('again 600');
    expect(order(remove)).toBe('false'); // nothing of ours: uninstall goes on
  });

  test("the user's own sink to us is enough, and our block beside it is said", () => {
    order();
    writeFileSync(file, `${SAME}${text()}`);
    chmodSync(conf, 0o775);
    expect(order()).toMatch(/^false the Graphite sink .* our block is there, too: \S+ must belong to root/);
    expect(order(remove)).toMatch(/^failed: .* must belong to root/);
  });
});
