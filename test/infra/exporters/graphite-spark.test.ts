import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const FOLDER = new URL('../../../infra/exporters/', import.meta.url).pathname;
const SINK = 'org.apache.spark.metrics.sink.GraphiteSink';
/** A sink as one pastes it. */
const sink = (settings: Readonly<Record<string, string>>, of = '*.sink.mine'): string =>
  Object.entries({ class: SINK, host: '127.0.0.1', port: '9109', ...settings })
    .map(([name, value]) => `${of}.${name}=${value}\n`)
    .join('');

let folder: string;
let conf: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spark-'));
  conf = join(folder, 'conf');
  mkdirSync(conf, { mode: 0o755 });
  file = join(conf, 'metrics.properties');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Looks, and writes the block unless it was a conflict: what is said, and what became of the file. */
function apply(properties: string | undefined, defaults?: string) {
  if (properties !== undefined) writeFileSync(file, properties, { mode: 0o644 });
  if (defaults !== undefined) writeFileSync(join(conf, 'spark-defaults.conf'), defaults);
  const script = `set -euo pipefail; CHANGED=false REASON='' REGEX='^a[.](?!b)'
    report() { echo "$1: $3"; exit "$2"; }; fail() { echo "failed: $1"; exit 1; }
    . ${FOLDER}guarded-block.sh; . ${FOLDER}graphite/spark.sh; SPARK_CONF='${conf}' SPARK_FILE='${file}'
    spark_look; spark_apply; echo "$REASON"`;
  // No socket as stdin: bash would take itself for a remote shell and read somebody's .bashrc.
  const said = execFileSync('bash', ['-c', script], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
  const after = readFileSync(file, 'utf8');
  return { said, isUntouched: after === properties, after };
}

describe("a Graphite sink of the user's", () => {
  test.each([
    ['to another host', sink({ host: 'carbon.example.org' })],
    ['to another port', sink({ port: '2003' })],
    ['without a port', `*.sink.g.class=${SINK}\n*.sink.g.host=127.0.0.1\n`],
    ['with a prefix', sink({ prefix: 'emr' })],
    ['that sends every minute', sink({ period: '1', unit: 'minutes' })],
    ['that sends every 60 seconds', sink({ period: '60' })],
    ['of drivers only', sink({ host: 'carbon' }, 'driver.sink.g')],
    ['of executors only', sink({ host: 'carbon' }, 'executor.sink.g')],
    ['beside one that is the same as ours', sink({}) + sink({ host: 'carbon' }, '*.sink.other')],
    ['that drivers are told otherwise of', `${sink({})}driver.sink.mine.class=${SINK}\ndriver.sink.mine.host=carbon\n`],
    ['with colons and blanks', `  *.sink.g.class :\t${SINK}  \n*.sink.g.host carbon\n`],
    [
      'with lines that go on',
      `*.sink.g.class=\\\n   org.apache.spark.\\\n   metrics.sink.GraphiteSink\n*.sink.g.host=c\n`,
    ],
    ['with such lines as on Windows', `*.sink.g.class=org.apache.spark.\\\r\n  metrics.sink.GraphiteSink\r\n`],
    ['with lines as on Windows', sink({ host: 'carbon' }).replaceAll('\n', '\r\n')],
    ['in a last line that goes on', `*.sink.g.host=carbon\n*.sink.g.class=${SINK}\\`],
    ['by the name of a source', sink({ host: 'carbon' }, '*.sink.source')],
    ['behind a line that goes on with nothing', `\\\n#\n${sink({ host: 'carbon' })}`],
    ['in the last line, without an end', `*.sink.g.host=carbon\n*.sink.g.class=${SINK}`],
  ])('%s is a conflict: it says what to do, and nothing is touched', (_what, properties) => {
    const { said, isUntouched } = apply(properties);
    expect(said).toMatch(/^conflict: Spark has a Graphite sink of its own, \w+, .*metrics\.properties/);
    expect(said).toMatch(/Take it out, or have it send to 127\.0\.0\.1:9109 every 10 seconds without a prefix$/);
    expect(isUntouched).toBe(true);
  });

  test.each([
    ['as ours', sink({ period: '10', unit: 'seconds', regex: '.*' })],
    ['by its name', sink({ host: 'localhost' })],
    ['more often', sink({ period: '5', unit: 'SECONDS' })],
    ['with our own name', sink({}, '*.sink.prometheus-on-emr')],
    ['for drivers and executors apart', sink({}, 'driver.sink.a') + sink({}, 'executor.sink.b')],
    ['that drivers are told a part of', `*.sink.g.host=localhost\n*.sink.g.port=9109\ndriver.sink.g.class=${SINK}\n`],
  ])('that sends to us %s is enough, and nothing is touched', (_what, properties) => {
    const { said, isUntouched } = apply(properties);
    expect(said).toMatch(/^the Graphite sink that is there is the same as ours/);
    expect(isUntouched).toBe(true);
  });

  test.each([
    ['in a comment', sink({ host: 'carbon' }).replaceAll(/^/gm, '# ')],
    ['of a daemon that has no applications', sink({ host: 'carbon' }, 'master.sink.g')],
    ['in what goes on from a line of nothing', `\\\n#*.sink.g.class=${SINK}\n`],
    ['behind a line that goes on', `a=b\\\n*.sink.g.class=${SINK}\n`],
  ])('%s is none', (_what, properties) => {
    expect(apply(properties)).toMatchObject({ said: '', after: expect.stringContaining('# BEGIN') });
  });

  test.each([
    ['spark.metrics.conf.*.sink.g.host  carbon', /^conflict/],
    ['spark.metrics.conf.*.sink.g.host=localhost\nspark.metrics.conf.*.sink.g.port 9109', /same as ours/],
  ])('in spark-defaults.conf counts as well: %s', (defaults, said) => {
    const applied = apply('a=b\n', `spark.metrics.conf.*.sink.g.class  ${SINK}\n${defaults}\n`);
    expect(applied.said).toMatch(said);
    expect(applied.isUntouched).toBe(true);
  });

  test('without a JvmSource is said to tell nothing of memory', () => {
    expect(apply(sink({})).said).toMatch(/no JvmSource: nothing is known of memory/);
    const jvm = '*.source.jvm.class=org.apache.spark.metrics.source.JvmSource\n';
    expect(apply(sink({}) + jvm).said).toBe('the Graphite sink that is there is the same as ours');
  });
});

test('another sink stays beside ours', () => {
  const csv = '*.sink.csv.class=org.apache.spark.metrics.sink.CsvSink\n*.sink.csv.period=1\n';
  const { said, after } = apply(csv);
  expect(said).toBe('');
  expect(after.startsWith(`${csv}\n# BEGIN prometheus-on-emr graphite\n`)).toBe(true);
});

test.each([
  ['driver.source.jvm.class=com.example.My\n', ['executor']],
  ['*.source.jvm.class=com.example.My\n', []],
  ['driver.source.other.class=com.example.My\n', ['driver', 'executor']],
])('a source of the name that ours has stays the user’s: %s', (own, ours) => {
  const { after } = apply(own);
  const lines = after.slice(own.length).match(/^\w+(?=\.source\.jvm\.class=org\.apache\.spark)/gm) ?? [];
  expect(lines).toEqual(ours);
  expect(after).toContain('*.sink.prometheus-on-emr.class=');
});

test('applications that are told to read another file are said to miss ours', () => {
  const { said } = apply(undefined, 'spark.metrics.conf   /etc/spark/my.properties\n');
  expect(said).toMatch(
    /^applications read \/etc\/spark\/my\.properties \(spark\.metrics\.conf\): it needs the lines of /,
  );
});

test('the block has a Graphite sink for all and a JvmSource for drivers and executors only, and says how to be rid of it', () => {
  const { after } = apply(undefined);
  expect(after.trim().split('\n')).toEqual([
    '# BEGIN prometheus-on-emr graphite (there was no such file)',
    expect.stringMatching(/^# .*graphite_exporter/),
    `*.sink.prometheus-on-emr.class=${SINK}`,
    '*.sink.prometheus-on-emr.host=127.0.0.1',
    '*.sink.prometheus-on-emr.port=9109',
    '*.sink.prometheus-on-emr.period=10',
    '*.sink.prometheus-on-emr.unit=seconds',
    '*.sink.prometheus-on-emr.regex=^a[.](?!b)',
    'driver.source.jvm.class=org.apache.spark.metrics.source.JvmSource',
    'executor.source.jvm.class=org.apache.spark.metrics.source.JvmSource',
    '# END prometheus-on-emr graphite',
  ]);
});
