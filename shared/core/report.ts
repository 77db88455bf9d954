import * as z from 'zod/mini';
import { LABEL_NAME } from './label-names.ts';
import type { Endpoint } from './model.ts';

const PREFIX = 'PROMETHEUS_ON_EMR ';

/** More than there are daemons on a node. Each repeats all labels of its cluster in the target file, which has a limit. */
const MAX_ENDPOINTS = 32;

const report = z.object({
  exporter: z.string(),
  outcome: z.enum(['installed', 'removed', 'conflict', 'unsupported', 'pendingRestart', 'failed']),
  version: z.optional(z.string()),
  changed: z.optional(z.boolean()),
  adopted: z.optional(z.boolean()),
  endpoints: z._default(
    z
      .array(
        z.object({
          port: z.int().check(z.gte(1), z.lte(65_535)),
          /** Prometheus drops the whole target file for one bad label name: it may not get that far. */
          labels: z.record(z.string().check(z.regex(LABEL_NAME)), z.string()),
        }),
      )
      .check(z.maxLength(MAX_ENDPOINTS)),
    [],
  ),
  reason: z.optional(z.string()),
  /** Seconds after which the node asks to be looked at again: more will answer there then. */
  again: z.optional(z.int().check(z.gte(60), z.lte(86_400))),
});

/** What an install document says of itself in its one line of stdout (docs/install-documents.md). */
export interface Report extends z.output<typeof report> {
  readonly endpoints: Endpoint[];
}

/**
 * The report in a command's output, or undefined when there is none that holds: the script died before its line, or
 * SSM cut it (output of all plugins together: 2,500 characters, CommandPlugin API).
 */
export function parseReport(output: string): Report | undefined {
  const line = output.split('\n').find((candidate) => candidate.startsWith(PREFIX));
  if (line === undefined) return undefined;
  try {
    const parsed = report.safeParse(JSON.parse(line.slice(PREFIX.length)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
