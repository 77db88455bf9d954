import * as z from 'zod/mini';
import { ConfigError } from './core/errors.ts';
import { isClusterId } from './core/event.ts';
import type { ClusterId, ExporterName } from './core/model.ts';
import { limit } from './core/monitoring.ts';
import type { Policies, Settings } from './core/settings.ts';

export interface BackfillRequest {
  /** Undefined: every active cluster. */
  readonly clusterIds: readonly ClusterId[] | undefined;
  /** Report only: nothing is rung and no record touched. */
  readonly dryRun: boolean;
  /** Failed work is begun anew. */
  readonly force: boolean;
  /** Undefined: all. They limit the report and `force`. */
  readonly exporters: ReadonlySet<ExporterName> | undefined;
  /** For the report only: monitoring.yml's, with what the call says instead. */
  readonly policies: Policies;
}

const SWITCH = 'true or false';
const CLUSTERS = 'a list of at least one cluster id; leave it out for every active cluster';
const CLUSTER = 'a cluster id: j- and capital letters or digits';

const request = ({ exporters }: Settings) => {
  const known = exporters.map(({ name }) => name);
  const EXPORTERS = `a list of at least one of ${known.join(', ')}`;
  const toggle = z.boolean({ error: SWITCH });
  return z.strictObject(
    {
      clusterIds: z.optional(
        z
          .array(z.custom<ClusterId>(isClusterId, { error: CLUSTER }), { error: CLUSTERS })
          .check(z.minLength(1, { error: CLUSTERS })),
      ),
      dryRun: z._default(toggle, false),
      force: z._default(toggle, false),
      exporters: z.optional(
        z.array(z.enum(known, { error: EXPORTERS }), { error: EXPORTERS }).check(z.minLength(1, { error: EXPORTERS })),
      ),
      policies: z._default(
        z.strictObject(
          { dryRun: z.optional(toggle), pauseInstalls: z.optional(toggle), limitDeletes: z.optional(limit) },
          { error: 'a mapping with the keys dryRun, pauseInstalls, limitDeletes' },
        ),
        {},
      ),
    },
    { error: 'a mapping with the keys clusterIds, dryRun, force, exporters, policies; {} for every active cluster' },
  );
};

/** Throws a ConfigError that names every field that does not hold, and what it expects there. */
export function parseRequest(event: unknown, settings: Settings): BackfillRequest {
  const parsed = request(settings).safeParse(event ?? {}, { reportInput: true });
  if (!parsed.success) throw new ConfigError(`backfill: ${parsed.error.issues.flatMap(inWords).join('; ')}`);
  const { clusterIds, dryRun, force, exporters, policies } = parsed.data;
  return {
    clusterIds,
    dryRun,
    force,
    exporters: exporters && new Set(exporters),
    policies: {
      dryRun: policies.dryRun ?? settings.policies.dryRun,
      pauseInstalls: policies.pauseInstalls ?? settings.policies.pauseInstalls,
      limitDeletes: policies.limitDeletes ?? settings.policies.limitDeletes,
    },
  };
}

function inWords(issue: z.core.$ZodIssue): readonly string[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = path === 'policies' ? POLICY_KEYS : KEYS;
    return issue.keys.map((key) => `${[...issue.path, key].join('.')} is no key; expected one of ${known}`);
  }
  return [`${path || 'the event'} is ${JSON.stringify(issue.input) ?? 'nothing'}; expected ${issue.message}`];
}

const KEYS = 'clusterIds, dryRun, force, exporters, policies';
const POLICY_KEYS = 'dryRun, pauseInstalls, limitDeletes';
