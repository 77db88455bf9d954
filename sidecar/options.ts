import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { ConfigError } from '../shared/core/errors.ts';
import type { Address } from './serve.ts';

export interface Options {
  readonly bucket: string;
  readonly directory: string;
  readonly intervalMs: number;
  readonly holdMs: number;
  readonly listen: Address;
  readonly once: boolean;
  readonly dryRun: boolean;
  readonly acceptVanished: boolean;
  /** Undefined: rules and dashboards are none of its business. */
  readonly content: ContentOptions | undefined;
  readonly help: boolean;
}

interface ContentOptions {
  readonly directory: string;
  readonly promtool: string;
  /** PATH, for promtool's name. */
  readonly path: string;
  readonly prometheus: URL;
}

type Env = Readonly<Record<string, string | undefined>>;

const DEFAULTS = {
  bucket: undefined,
  directory: '/var/lib/prometheus-on-emr',
  interval: '5s',
  hold: '10m',
  listen: '127.0.0.1:9199',
  content: undefined,
  promtool: 'promtool',
  prometheus: 'http://127.0.0.1:9090',
} as const;

export const HELP = `prometheus-on-emr-sidecar: keeps Prometheus's target files the same as those in S3.

  --bucket NAME       bucket of prometheus-on-emr (required)
  --directory PATH    own folder; Prometheus reads PATH/targets/*.json (${DEFAULTS.directory})
  --interval TIME     pause between two looks at S3, 100ms to 1h (${DEFAULTS.interval})
  --hold TIME         how long a file whose key vanished unexplained is kept, 0s to 24h (${DEFAULTS.hold})
  --listen IP:PORT    a page for people, /metrics, /-/healthy, /-/ready (${DEFAULTS.listen})
  --content PATH      also load rules, dashboards and prices: Prometheus reads PATH/current/rules/*.yml, Grafana
                      PATH/current/dashboards; without it, none are looked at
  --promtool PATH     the one beside the running Prometheus (${DEFAULTS.promtool}, of PATH)
  --prometheus URL    it runs with --web.enable-lifecycle (${DEFAULTS.prometheus})
  --once              one pass; exit code 0 when all files are what S3 says
  --dry-run           one pass that only says what it would do with target files
  --accept-vanished   the first pass may remove files that are kept because over half of all keys vanished;
                      a running sidecar does so on SIGUSR2

Each setting with a value is also read from the environment: PROMETHEUS_ON_EMR_BUCKET …. Region and credentials are
the AWS SDK's: AWS_REGION, an instance profile, AWS_ENDPOINT_URL_S3 ….
`;

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** All settings, or one ConfigError that names every problem and its remedy. */
export function readOptions(argv: readonly string[], env: Env): Options {
  const problems: string[] = [];
  const { values, unknown } = parse(argv);
  problems.push(...unknown);
  const text = (name: keyof typeof DEFAULTS): string =>
    values.get(name) || env[`PROMETHEUS_ON_EMR_${name.toUpperCase()}`] || DEFAULTS[name] || '';
  const check = <T>(name: keyof typeof DEFAULTS, read: (value: string) => T | undefined, expected: string): T => {
    const value = read(text(name));
    if (value === undefined) problems.push(`--${name} "${text(name)}": ${expected}`);
    return value as T;
  };
  const options: Options = {
    help: values.has('help'),
    bucket: check('bucket', (name) => (BUCKET.test(name) ? name : undefined), 'the name of the bucket expected'),
    directory: check('directory', (path) => (path.startsWith('/') ? path : undefined), 'an absolute path expected'),
    intervalMs: check('interval', time(100, UNITS.h), '100ms to 1h expected, for example 5s'),
    holdMs: check('hold', time(0, 24 * UNITS.h), '0s to 24h expected, for example 10m'),
    listen: check('listen', address, 'IP:PORT expected, for example 127.0.0.1:9199'),
    once: values.has('once') || values.has('dry-run'),
    dryRun: values.has('dry-run'),
    acceptVanished: values.has('accept-vanished'),
    content:
      text('content') === '' || values.has('dry-run')
        ? undefined
        : {
            directory: check(
              'content',
              (path) => (path.startsWith('/') ? path : undefined),
              'an absolute path expected',
            ),
            path: env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
            promtool: check('promtool', program, 'an absolute path, or a name in PATH expected'),
            prometheus: check('prometheus', httpUrl, 'http://HOST:PORT expected, for example http://127.0.0.1:9090'),
          },
  };
  if (problems.length > 0 && !options.help) throw new ConfigError(problems.join('\n'));
  return Object.freeze(options);
}

const FLAGS = {
  bucket: { type: 'string' },
  directory: { type: 'string' },
  interval: { type: 'string' },
  hold: { type: 'string' },
  listen: { type: 'string' },
  content: { type: 'string' },
  promtool: { type: 'string' },
  prometheus: { type: 'string' },
  once: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  'accept-vanished': { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Not strict, so that parseArgs reports more than the first mistake. */
function parse(argv: readonly string[]): { values: ReadonlyMap<string, string>; unknown: readonly string[] } {
  const { tokens } = parseArgs({
    args: [...argv],
    options: FLAGS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string>();
  const unknown: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') unknown.push(`"${token.value}": no argument expected`);
    if (token.kind !== 'option') continue;
    const flag = Object.hasOwn(FLAGS, token.name) ? FLAGS[token.name as keyof typeof FLAGS] : undefined;
    if (flag === undefined) unknown.push(`${token.rawName}: unknown, see --help`);
    else if (flag.type === 'boolean' && token.value !== undefined) unknown.push(`${token.rawName}: takes no value`);
    else if (flag.type === 'string' && token.value === undefined) unknown.push(`${token.rawName}: a value expected`);
    else values.set(token.name, token.value ?? '');
  }
  return { values, unknown };
}

const time =
  (min: number, max: number) =>
  (text: string): number | undefined => {
    const [, count, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
    const ms = Number(count) * UNITS[unit as keyof typeof UNITS];
    return ms >= min && ms <= max ? ms : undefined;
  };

const program = (text: string): string | undefined => (/^(\/.+|[\w.-]+)$/.test(text) ? text : undefined);

/** Its path is Prometheus's --web.route-prefix. */
function httpUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  return url?.protocol === 'http:' && url.username === '' && url.search === '' && url.hash === '' ? url : undefined;
}

function address(text: string): Address | undefined {
  const [, bracketed, plain, digits] = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  const port = Number(digits);
  return isIP(host) !== 0 && port <= 65_535 ? { host, port } : undefined;
}
