import { ConfigError } from '../../shared/core/errors.ts';
import { isClusterId } from '../../shared/core/event.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import { parseCommand } from '../parse-command.ts';
import { type Env, type Place, PLACE_OPTIONS, placeOf, refuseSwallowed } from '../place-options.ts';

const USAGE = `npm run smoke -- --cluster j-… [options]

Is a deployed stage whole, and can it do its work on this cluster? Changes nothing; each red line says what to do.

  --cluster j-…  a running cluster of this account and Region
  --install      also orders the exporters on it, and follows them until they are targets
  --stage S      which deployment (dev)
  --region R     where it is (AWS_REGION, or us-east-1)
  --json         everything as JSON
  --policy       only print the IAM policy that whoever runs it needs`;

interface SmokeOptions {
  readonly clusterId: ClusterId;
  readonly place: Place;
  readonly install: boolean;
  readonly json: boolean;
}

const OPTIONS = {
  ...PLACE_OPTIONS,
  cluster: { type: 'string' },
  install: { type: 'boolean' },
  json: { type: 'boolean' },
  policy: { type: 'boolean' },
} as const;

/** Throws a ConfigError that says what is wrong and how it is written. */
export function readSmokeOptions(args: readonly string[], env: Env): SmokeOptions | 'policy' {
  refuseSwallowed('smoke', Object.keys(OPTIONS), env);
  const { values } = parseCommand({ args: [...args], options: OPTIONS }, USAGE);
  if (values.policy === true) return 'policy';
  const { cluster = '' } = values;
  if (!isClusterId(cluster)) {
    const given = cluster === '' ? '--cluster is missing' : `--cluster is "${cluster}"`;
    throw new ConfigError(`${given}: expected j- and capital letters or digits\n\n${USAGE}`);
  }
  return {
    clusterId: cluster,
    place: placeOf(values, env),
    install: values.install === true,
    json: values.json === true,
  };
}
