import { ConfigError } from '../../shared/core/errors.ts';
import { isClusterId } from '../../shared/core/event.ts';
import type { BackfillCall } from './backfill-run.ts';
import { parseCommand } from '../parse-command.ts';
import { type Env, type Place, PLACE_OPTIONS, placeOf, refuseSwallowed } from '../place-options.ts';

const USAGE = `npm run backfill -- [options] [cluster ids]

Says what would be done for the clusters, all active ones where none is named, and queues them for it.

  --dry-run         say it only
  --force           begin anew what has failed, was given up or is put off
  --exporters a,b   report and force these only
  --stage S         which deployment (dev)
  --region R        where it is (AWS_REGION, or us-east-1)
  --json            the report as JSON`;

interface BackfillOptions {
  readonly call: BackfillCall;
  readonly place: Place;
  readonly json: boolean;
}

const OPTIONS = {
  ...PLACE_OPTIONS,
  'dry-run': { type: 'boolean' },
  force: { type: 'boolean' },
  exporters: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Throws a ConfigError that says what is wrong and how it is written. */
export function readBackfillOptions(args: readonly string[], env: Env): BackfillOptions {
  refuseSwallowed('backfill', Object.keys(OPTIONS), env);
  const { values, positionals } = parseCommand({ args: [...args], options: OPTIONS, allowPositionals: true }, USAGE);
  const wrong = positionals.filter((id) => !isClusterId(id));
  if (wrong.length > 0)
    throw new ConfigError(`${wrong.join(', ')}: no cluster id; expected j- and capital letters or digits`);
  const exporters = values.exporters?.split(',').map((name) => name.trim());
  return {
    call: {
      ...(positionals.length > 0 && { clusterIds: positionals.filter(isClusterId) }),
      ...(values['dry-run'] === true && { dryRun: true }),
      ...(values.force === true && { force: true }),
      ...(exporters !== undefined && { exporters }),
    },
    place: placeOf(values, env),
    json: values.json === true,
  };
}
