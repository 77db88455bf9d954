import { describe, expect, test } from 'vitest';
import { HELP, readOptions } from '../../sidecar/options.ts';

const problems = (argv: readonly string[], env = {}): readonly string[] => {
  try {
    readOptions(argv, env);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ name: 'ConfigError' });
    return (error as Error).message.split('\n');
  }
};

test('only the bucket has to be said', () => {
  expect(readOptions(['--bucket', 'b-1'], {})).toEqual({
    bucket: 'b-1',
    directory: '/var/lib/prometheus-on-emr',
    intervalMs: 5000,
    holdMs: 600_000,
    listen: { host: '127.0.0.1', port: 9199 },
    once: false,
    dryRun: false,
    acceptVanished: false,
    help: false,
  });
});

test('a flag beats the environment, which beats the default', () => {
  const env = { PROMETHEUS_ON_EMR_BUCKET: 'from-env', PROMETHEUS_ON_EMR_HOLD: '1h', PROMETHEUS_ON_EMR_INTERVAL: '' };
  const options = readOptions(['--hold=90s', '--listen', '[::1]:0', '--dry-run'], env);
  expect(options).toMatchObject({ bucket: 'from-env', holdMs: 90_000, intervalMs: 5000, once: true, dryRun: true });
  expect(options.listen).toEqual({ host: '::1', port: 0 });
});

test('content is looked at only where a folder is given for it, and never in a dry run', () => {
  const env = { PROMETHEUS_ON_EMR_BUCKET: 'b-1', PROMETHEUS_ON_EMR_CONTENT: '/srv/content', PATH: '/bin' };
  expect(readOptions(['--bucket=b-1'], {}).content).toBeUndefined();
  expect(readOptions(['--dry-run'], env).content).toBeUndefined();
  expect(readOptions(['--prometheus=http://[::1]:9090/prefix/'], env).content).toEqual({
    directory: '/srv/content',
    path: '/bin',
    promtool: 'promtool',
    prometheus: new URL('http://[::1]:9090/prefix/'),
  });
});

describe('every problem is named at once, with what is expected', () => {
  test('all of them wrong', () => {
    const argv = ['--directory=x', '--interval=5', '--hold', '25h', '--listen=here:80', '--dry', '--once=no', 'go'];
    expect(problems(argv)).toEqual([
      '--dry: unknown, see --help',
      '--once: takes no value',
      '"go": no argument expected',
      '--bucket "": the name of the bucket expected',
      '--directory "x": an absolute path expected',
      '--interval "5": 100ms to 1h expected, for example 5s',
      '--hold "25h": 0s to 24h expected, for example 10m',
      '--listen "here:80": IP:PORT expected, for example 127.0.0.1:9199',
    ]);
  });

  test.each([
    [['--bucket'], '--bucket: a value expected'],
    [['--bucket', 's3://b'], '--bucket "s3://b": the name of the bucket expected'],
    [['--bucket=b-1', '--interval=50ms'], '--interval "50ms": 100ms to 1h expected, for example 5s'],
    [
      ['--bucket=b-1', '--listen=127.0.0.1:65536'],
      '--listen "127.0.0.1:65536": IP:PORT expected, for example 127.0.0.1:9199',
    ],
    [['--bucket=b-1', '--content=here'], '--content "here": an absolute path expected'],
    [
      ['--bucket=b-1', '--content=/c', '--promtool=./promtool'],
      '--promtool "./promtool": an absolute path, or a name in PATH expected',
    ],
    ...['https://127.0.0.1:9090', '127.0.0.1:9090', 'http://me:word@127.0.0.1:9090', 'http://h/?x', 'http://h/#x'].map(
      (url) =>
        [
          ['--bucket=b-1', '--content=/c', `--prometheus=${url}`],
          `--prometheus "${url}": http://HOST:PORT expected, for example http://127.0.0.1:9090`,
        ] as [string[], string],
    ),
    [['--bucket=b-1', '--constructor'], '--constructor: unknown, see --help'],
  ])('%j', (argv, problem) => {
    expect(problems(argv)).toContain(problem);
  });

  test('--help asks for nothing else, and names every flag', () => {
    expect(readOptions(['--help'], {}).help).toBe(true);
    for (const flag of ['bucket', 'directory', 'interval', 'hold', 'listen', 'once', 'dry-run', 'accept-vanished'])
      expect(HELP).toContain(`--${flag} `);
  });
});
