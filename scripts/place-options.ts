import { ConfigError } from '../shared/core/errors.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** Which deployment a command is about. */
export interface Place {
  readonly stage: string;
  readonly region: string;
}

export const PLACE_OPTIONS = { stage: { type: 'string' }, region: { type: 'string' } } as const;

/** As serverless.yml has them; the Region of the environment counts before its default. */
export const placeOf = (given: { readonly stage?: string; readonly region?: string }, env: Env): Place => ({
  stage: given.stage ?? 'dev',
  region: given.region ?? (env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || 'us-east-1'),
});

/** `npm run x --force` hands nothing on: npm keeps the option for itself, and leaves it in the environment. */
export function refuseSwallowed(script: string, options: readonly string[], env: Env): void {
  const swallowed = options.filter((name) => (env[`npm_config_${name.replaceAll('-', '_')}`] ?? '') !== '');
  if (swallowed.length === 0) return;
  const shown = swallowed.map((name) => `--${name}`).join(' and ');
  throw new ConfigError(
    `npm kept ${shown} for itself: write npm run ${script} -- ${swallowed.map((name) => `--${name}`).join(' ')} …`,
  );
}
