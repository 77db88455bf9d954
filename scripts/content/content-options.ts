import { ConfigError } from '../../shared/core/errors.ts';
import { parseCommand } from '../parse-command.ts';
import { type Env, type Place, PLACE_OPTIONS, placeOf, refuseSwallowed } from '../place-options.ts';

const USAGE = `npm run content -- check|publish [options]

Rules, dashboards and prices for the Prometheus host: infra/prometheus/rules, infra/grafana/dashboards, and your own in
content/rules/*.yml, content/dashboards/*.json and prices.csv. A file of yours with the name of one of ours replaces it.

  check            everything that is wrong, by file and line
  publish          checks, then puts them into the bucket, where the host's sidecar finds them

  --stage S        which deployment (dev)
  --region R       where it is (AWS_REGION, or us-east-1)
  --promtool PATH  reads the rules' expressions (the one in PATH, or the one that npm test has prepared)`;

interface ContentOptions {
  readonly action: 'check' | 'publish';
  readonly place: Place;
  readonly promtool: string | undefined;
}

const OPTIONS = { ...PLACE_OPTIONS, promtool: { type: 'string' } } as const;

/** Throws a ConfigError that says what is wrong and how it is written. */
export function readContentOptions(args: readonly string[], env: Env): ContentOptions {
  refuseSwallowed('content', Object.keys(OPTIONS), env);
  const { values, positionals } = parseCommand({ args: [...args], options: OPTIONS, allowPositionals: true }, USAGE);
  const [action, ...others] = positionals;
  if ((action !== 'check' && action !== 'publish') || others.length > 0)
    throw new ConfigError(
      `say what to do, check or publish${positionals.length > 0 ? `; not ${positionals.join(' ')}` : ''}\n\n${USAGE}`,
    );
  return { action, place: placeOf(values, env), promtool: values.promtool };
}
