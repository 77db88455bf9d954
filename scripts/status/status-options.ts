import { ConfigError } from '../../shared/core/errors.ts';
import { isClusterId } from '../../shared/core/event.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import { parseCommand } from '../parse-command.ts';
import { type Env, type Place, PLACE_OPTIONS, placeOf, refuseSwallowed } from '../place-options.ts';

const USAGE = `npm run status -- [options] [cluster id]

How every cluster stands, or one with all its nodes, from the records in the bucket.

  --stage S    which deployment (dev)
  --region R   where it is (AWS_REGION, or us-east-1)
  --bucket B   its bucket, instead of asking CloudFormation
  --json       everything as JSON`;

interface StatusOptions {
  readonly clusterId: ClusterId | undefined;
  readonly place: Place;
  readonly bucket: string | undefined;
  readonly json: boolean;
}

const OPTIONS = { ...PLACE_OPTIONS, bucket: { type: 'string' }, json: { type: 'boolean' } } as const;

/** Throws a ConfigError that says what is wrong and how it is written. */
export function readStatusOptions(args: readonly string[], env: Env): StatusOptions {
  refuseSwallowed('status', Object.keys(OPTIONS), env);
  const { values, positionals } = parseCommand({ args: [...args], options: OPTIONS, allowPositionals: true }, USAGE);
  const [clusterId, ...others] = positionals;
  if (others.length > 0) throw new ConfigError(`one cluster or all of them\n\n${USAGE}`);
  if (clusterId !== undefined && !isClusterId(clusterId)) {
    throw new ConfigError(`${clusterId}: no cluster id; expected j- and capital letters or digits`);
  }
  return { clusterId, place: placeOf(values, env), bucket: values.bucket, json: values.json === true };
}
