import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const UNIT = join(import.meta.dirname, '../../infra/host/prometheus-on-emr-sidecar.service');

/** The heap flags and the environment that the unit starts Node with. */
export async function asTheUnit() {
  const unit = await readFile(UNIT, 'utf8');
  const [, flags] = /^ExecStart=\S+ (.*) \S+\.mjs$/m.exec(unit) ?? [];
  if (flags === undefined) throw new Error(`${UNIT}: no ExecStart=node FLAGS BUNDLE`);
  const environment = [...unit.matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    value,
  ]);
  return { flags: flags.split(' '), environment: Object.fromEntries(environment) as Record<string, string> };
}
