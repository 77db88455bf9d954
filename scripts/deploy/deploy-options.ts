import { ConfigError } from '../../shared/core/errors.ts';
import { checkRegion } from '../aws/identity.ts';
import { parseCommand } from '../parse-command.ts';
import { type Env, type Place, PLACE_OPTIONS, placeOf, refuseSwallowed } from '../place-options.ts';

/** What `npm run deploy`, `package` and `deploy:host` are told. */
interface DeployOptions {
  readonly place: Place;
  readonly given: Readonly<Record<string, string>>;
}

const OPTIONS = { ...PLACE_OPTIONS, param: { type: 'string', multiple: true } } as const;

const usage = (script: string, page: string): string => `npm run ${script} -- [options]

  --stage S            which deployment (dev): small letters, digits and hyphens
  --region R           where it is (AWS_REGION, or us-east-1)
  --param name=value   a parameter of the stack, as often as needed; ${page} lists them`;

/** Throws a ConfigError that says what is wrong and how it is written. */
export function readDeployOptions(
  script: string,
  args: readonly string[],
  env: Env,
  page = 'docs/deploy.md',
): DeployOptions {
  refuseSwallowed(script, Object.keys(OPTIONS), env);
  const { values } = parseCommand({ args: [...args], options: OPTIONS }, usage(script, page));
  const place = placeOf(values, env);
  checkStage(place.stage);
  checkRegion(place.region);
  return { place, given: Object.fromEntries((values.param ?? []).map(toPair)) };
}

/** The longest name made of it is a function's, of 64 characters at most: prometheus-on-emr-<stage>-on-event. */
const MAX_STAGE = 37;

/** Names of buckets take no capital letters, those of stacks no underscore; `default` is serverless.yml's own word. */
export function checkStage(stage: string): void {
  const isForm = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(stage);
  if (isForm && stage.length <= MAX_STAGE && stage !== 'default') return;
  throw new ConfigError(
    `--stage is "${stage}": expected small letters, digits and single hyphens between them, at most ${MAX_STAGE} in all, and not "default"; for example ${suggestion(stage)}`,
  );
}

function suggestion(stage: string): string {
  const words = stage.toLowerCase().split(/[^a-z0-9]+/);
  const made = words.filter(Boolean).join('-').slice(0, MAX_STAGE).replace(/-$/, '');
  return made === '' || made === 'default' ? 'prod' : made;
}

function toPair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new ConfigError(`--param is "${text}": expected name=value, for example logRetentionDays=90`);
  return [text.slice(0, at), text.slice(at + 1)];
}
