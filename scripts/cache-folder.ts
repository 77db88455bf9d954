import { homedir } from 'node:os';
import { join } from 'node:path';
import { getuid } from 'node:process';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Where everything that is downloaded, unpacked or built is kept between runs. Root's is outside /root: the nodes'
 * mapped users must be able to walk into it.
 */
export function cacheFolder(env: Env): string {
  const override = env['PROMETHEUS_ON_EMR_CACHE'];
  if (override !== undefined && override !== '') return override;
  if (getuid?.() === 0) return '/var/cache/prometheus-on-emr';
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'prometheus-on-emr');
}
