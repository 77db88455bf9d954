import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { ConfigError } from '../core/errors.ts';
import type { Settings } from '../core/settings.ts';

const strings = z.record(z.string(), z.string());

/** Typed by Settings: a field that is added there and not here does not compile, unless it is optional. */
const settings: z.ZodMiniType<Settings> = z.strictObject({
  hash: z.string(),
  selection: z.strictObject({ tags: z.record(z.string(), z.array(z.string())) }),
  labels: strings,
  exporters: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string(),
      revision: z.string(),
      roles: z.array(z.enum(['MASTER', 'CORE', 'TASK'])),
      recheck: z.exactOptional(z.number()),
      parameters: strings,
      artifacts: strings,
    }),
  ),
  policies: z.strictObject({
    dryRun: z.boolean(),
    pauseInstalls: z.boolean(),
    limitDeletes: z.union([z.strictObject({ nodes: z.number() }), z.strictObject({ share: z.number() })]),
  }),
  rollout: z.strictObject({ atOnce: z.number(), failures: z.number() }),
});

/** The packager's settings.json, which lies beside the bundle. */
export function readSettings(file: URL): Settings {
  try {
    return settings.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new ConfigError(`${file.pathname} is not what the packager writes; package again`, { cause });
  }
}
