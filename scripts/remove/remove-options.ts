import { ConfigError } from '../../shared/core/errors.ts';
import { throwProblems } from '../all-problems.ts';
import { placeProblems } from '../deploy/deploy-options.ts';
import { parseCommand } from '../parse-command.ts';
import { type Env, type Place, PLACE_OPTIONS, placeOf, refuseSwallowed } from '../place-options.ts';

const USAGE = `npm run remove -- [options]

Takes the exporters off all nodes, then removes the stack. The bucket stays, unless --purge.

  --stage S           which deployment (required: this command empties a fleet)
  --region R          where it is (AWS_REGION, or us-east-1)
  --minutes N         how long to wait for the nodes (60)
  --leave-exporters   do not wait for them: what is on the nodes stays there
  --purge             delete the records and artifacts too, with all versions, and the bucket that the stack made
  --yes               do not ask for the bucket's name before --purge
  --bucket B          with --purge: the bucket of a stack that is gone already`;

interface RemoveOptions {
  readonly place: Place;
  /** How long the nodes are waited for; undefined: not at all. */
  readonly minutes: number | undefined;
  readonly purge: boolean;
  readonly yes: boolean;
  readonly bucket: string | undefined;
}

const OPTIONS = {
  ...PLACE_OPTIONS,
  minutes: { type: 'string' },
  'leave-exporters': { type: 'boolean' },
  purge: { type: 'boolean' },
  yes: { type: 'boolean' },
  bucket: { type: 'string' },
} as const;

/** Throws a ConfigError that says what is wrong and how it is written. */
export function readRemoveOptions(args: readonly string[], env: Env): RemoveOptions {
  refuseSwallowed('remove', Object.keys(OPTIONS), env);
  const { values } = parseCommand({ args: [...args], options: OPTIONS }, USAGE);
  if (values.stage === undefined)
    throw new ConfigError(`--stage: name the deployment that is to go, for example --stage dev\n\n${USAGE}`);
  const place = placeOf(values, env);
  throwProblems(placeProblems(place));
  const minutes = Number(values.minutes ?? 60);
  if (!(Number.isInteger(minutes) && minutes > 0)) {
    throw new ConfigError(`--minutes is "${values.minutes}": expected a whole number above 0`);
  }
  const purge = values.purge === true;
  if (values.bucket !== undefined && !purge) throw new ConfigError('--bucket is for --purge: give both');
  return {
    place,
    minutes: values['leave-exporters'] === true ? undefined : minutes,
    purge,
    yes: values.yes === true,
    bucket: values.bucket,
  };
}
