import { parseCommand } from '../parse-command.ts';
import { type Env, type Place, PLACE_OPTIONS, placeOf, refuseSwallowed } from '../place-options.ts';
import type { RedriveMode } from './redrive-run.ts';

const USAGE = `npm run redrive -- [options]

Puts what is in the two dead-letter queues back: rings for each cluster that a message names, then deletes the message.

  --dry-run    say what is there, and leave it
  --discard    delete the messages that name no cluster, too
  --stage S    which deployment (dev)
  --region R   where it is (AWS_REGION, or us-east-1)`;

const OPTIONS = { ...PLACE_OPTIONS, 'dry-run': { type: 'boolean' }, discard: { type: 'boolean' } } as const;

/** Throws a ConfigError that says what is wrong and how it is written. */
export function readRedriveOptions(args: readonly string[], env: Env): RedriveMode & { readonly place: Place } {
  refuseSwallowed('redrive', Object.keys(OPTIONS), env);
  const { values } = parseCommand({ args: [...args], options: OPTIONS }, USAGE);
  return { place: placeOf(values, env), dryRun: values['dry-run'] === true, discard: values.discard === true };
}
