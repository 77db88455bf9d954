import { ConfigError } from '../../shared/core/errors.ts';
import type { Env } from '../place-options.ts';

/**
 * osls knows credentials that no other tool of AWS's does (osls 4.3.1, lib/aws/credentials.js): it would deploy to another
 * account than the one that was checked. Which of the two is meant nobody can say but a person.
 *
 *   variable                            osls takes it
 *   AWS_<STAGE>_PROFILE                 before everything
 *   AWS_<STAGE>_ACCESS_KEY_ID, …SECRET  next
 *   AWS_DEFAULT_PROFILE                 where there is neither AWS_PROFILE nor a pair of keys
 */
export function refuseOslsCredentials(stage: string, env: Env): void {
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  const prefix = `AWS_${stage.toUpperCase()}`;
  const hasOwn = isSet('AWS_PROFILE') || (isSet('AWS_ACCESS_KEY_ID') && isSet('AWS_SECRET_ACCESS_KEY'));
  const names = [
    `${prefix}_PROFILE`,
    `${prefix}_ACCESS_KEY_ID`,
    `${prefix}_SECRET_ACCESS_KEY`,
    ...(hasOwn ? [] : ['AWS_DEFAULT_PROFILE']),
  ].filter(isSet);
  if (names.length === 0) return;
  throw new ConfigError(
    `${names.join(' and ')}: osls knows this, AWS's other tools and these commands do not, so they would not mean the same account: unset it, and say in AWS_PROFILE (or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY) whose credentials are meant`,
  );
}
