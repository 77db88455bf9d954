import * as z from 'zod/mini';
import type { Report } from '../../shared/backfill-report.ts';
import { ConfigError } from '../../shared/core/errors.ts';
import { isClusterId, isInstanceId } from '../../shared/core/event.ts';
import type { ClusterId, InstanceId } from '../../shared/core/model.ts';
import { clusterState, workPhase } from '../../shared/core/record.ts';

const clusterId = z.custom<ClusterId>(isClusterId);
const node = z.custom<InstanceId>(isInstanceId);
const kind = z.enum(['install', 'remove', 'wait', 'forget', 'drop', 'end', 'ask', 'look', 'check']);
const policy = z.enum(['dryRun', 'pauseInstalls', 'limitDeletes']);

const decision = z.object({
  kind,
  node: z.optional(node),
  exporter: z.optional(z.string()),
  version: z.optional(z.string()),
  reason: z.string(),
  refused: z.optional(z.object({ policy, reason: z.string() })),
});

const cluster = z.union([
  z.object({ clusterId, error: z.string() }),
  z.object({
    clusterId,
    name: z.string(),
    state: clusterState,
    selected: z.boolean(),
    nodes: z.number(),
    decisions: z.array(decision),
    reset: z.array(z.object({ node, exporter: z.string(), phase: workPhase, reason: z.optional(z.string()) })),
    idle: z.boolean(),
  }),
]);

const report = z.object({
  clusters: z.array(cluster),
  counts: z.record(z.string(), z.number()),
  rung: z.array(clusterId),
  remaining: z.array(clusterId),
  waiting: z.optional(z.object({ clusters: z.number(), minutes: z.number() })),
  problem: z.optional(z.string()),
});

/** What the deployed function answered: it may be of another version than this checkout. */
export function parseReport(payload: unknown): Report {
  const parsed = report.safeParse(payload);
  if (parsed.success) return parsed.data as Report;
  const [problem] = parsed.error.issues;
  throw new ConfigError(
    `the function's answer is not what this checkout understands (${problem?.path.join('.') || 'the whole'}): deploy this checkout, or check out what is deployed`,
  );
}
