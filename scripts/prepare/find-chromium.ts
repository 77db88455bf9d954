import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ConfigError } from '../../shared/core/errors.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'] as const;

const found = (path: string): string | undefined =>
  path
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((file) => existsSync(file));

/** Debian packages for the tests in a browser; none where there is one already, of whatever make. */
export const browserPackages = (env: NodeJS.ProcessEnv): readonly string[] =>
  found(env['PATH'] ?? '') === undefined ? ['chromium'] : [];

export function findChromium(env: NodeJS.ProcessEnv): string {
  const browser = found(env['PATH'] ?? '');
  if (browser === undefined)
    throw new ConfigError(`PATH: ${NAMES.join(', ')}: none is there; apt-get install chromium`);
  return browser;
}
