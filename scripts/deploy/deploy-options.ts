import { regionProblems } from '../aws/identity.ts';
import { parseCommand } from '../parse-command.ts';
import { type Env, type Place, PLACE_OPTIONS, placeOf, refuseSwallowed } from '../place-options.ts';

/** What `npm run deploy`, `package` and `deploy:host` are told. */
interface DeployOptions {
  readonly place: Place;
  readonly given: Readonly<Record<string, string>>;
  /** With any of it, to be told with what else is wrong. */
  readonly problems: readonly string[];
  /** Without, the account may be asked all the same. */
  readonly isPlaceWrong: boolean;
}

const OPTIONS = { ...PLACE_OPTIONS, param: { type: 'string', multiple: true } } as const;

const usage = (script: string, page: string): string => `npm run ${script} -- [options]

  --stage S            which deployment (dev): small letters, digits and hyphens
  --region R           where it is (AWS_REGION, or us-east-1)
  --param name=value   a parameter of the stack, as often as needed; ${page} lists them`;

/** Throws a ConfigError only where it is not written as the command is used. */
export function readDeployOptions(
  script: string,
  args: readonly string[],
  env: Env,
  page = 'docs/deploy.md',
): DeployOptions {
  refuseSwallowed(script, Object.keys(OPTIONS), env);
  const { values } = parseCommand({ args: [...args], options: OPTIONS }, usage(script, page));
  const place = placeOf(values, env);
  const pairs = (values.param ?? []).map((text) => [text, text.indexOf('=')] as const);
  const unreadable = pairs.flatMap(([text, at]) =>
    at < 1 ? [`--param is "${text}": expected name=value, for example logRetentionDays=90`] : [],
  );
  const given = pairs.flatMap(([text, at]) => (at < 1 ? [] : [[text.slice(0, at), text.slice(at + 1)] as const]));
  const ofPlace = placeProblems(place);
  return {
    place,
    given: Object.fromEntries(given),
    problems: [...ofPlace, ...unreadable],
    isPlaceWrong: ofPlace.length > 0,
  };
}

export const placeProblems = ({ stage, region }: Place): readonly string[] => [
  ...stageProblems(stage),
  ...regionProblems(region),
];

/** The longest name made of it is a function's, of 64 characters at most: prometheus-on-emr-<stage>-on-event. */
const MAX_STAGE = 37;

/** Names of buckets take no capital letters, those of stacks no underscore; `default` is serverless.yml's own word. */
function stageProblems(stage: string): readonly string[] {
  const isForm = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(stage);
  if (isForm && stage.length <= MAX_STAGE && stage !== 'default') return [];
  return [
    `--stage is "${stage}": expected small letters, digits and single hyphens between them, at most ${MAX_STAGE} in all, and not "default"; for example ${suggestion(stage)}`,
  ];
}

function suggestion(stage: string): string {
  const words = stage.toLowerCase().split(/[^a-z0-9]+/);
  const made = words.filter(Boolean).join('-').slice(0, MAX_STAGE).replace(/-$/, '');
  return made === '' || made === 'default' ? 'prod' : made;
}
