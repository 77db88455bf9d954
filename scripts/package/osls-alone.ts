import { ConfigError } from '../../shared/core/errors.ts';
import type { Env } from '../place-options.ts';

/** In the environment of an osls that one of our commands runs. */
const MARK = 'PROMETHEUS_ON_EMR_COMMAND';

export const marked = (env: Env): Env => ({ ...env, [MARK]: 'yes' });

/**
 * What a bare osls would do otherwise than the commands:
 *
 *   deploy            back to the default of each parameter that is not given again, security group rules among them;
 *                     no artifacts, no checks
 *   deploy function   code without the documents and settings that fit it
 *   remove            the exporters stay on the nodes
 */
const INSTEAD: Readonly<Record<string, string>> = {
  deploy: 'npm run deploy',
  'deploy function': 'npm run deploy',
  remove: 'npm run remove',
};

export function refuseOslsAlone(commands: readonly string[], env: Env = process.env): void {
  const instead = INSTEAD[commands.join(' ')];
  if (instead === undefined || env[MARK] !== undefined) return;
  throw new ConfigError(
    `osls ${commands.join(' ')} alone would forget what was deployed before (docs/deploy.md): ${instead} -- --stage … --region …`,
  );
}
