import * as z from 'zod/mini';
import { UnreadableError } from '../shared/core/errors.ts';

/** What is kept of a record: derived counts, never its body. */
export interface ClusterStatus {
  readonly name: string;
  readonly state: string;
  readonly nodes: readonly { readonly exporter: string; readonly phase: string; readonly count: number }[];
  readonly leaving: readonly string[];
}

/** Only what is shown here, of any schema: the sidecar may be older than the functions that write the records. */
const record = z.object({
  name: z.string(),
  state: z.string(),
  nodes: z.record(
    z.string(),
    z.object({
      leaving: z.optional(z.boolean()),
      exporters: z.record(
        z.string(),
        z.object({ installed: z.optional(z.unknown()), work: z.optional(z.object({ phase: z.string() })) }),
      ),
    }),
  ),
});

/**
 * installed  work             → phase
 * –          none             → (not counted)
 * yes        none             → installed
 * –          in some phase    → that phase
 */
export function parseStatus(text: string): ClusterStatus {
  const { name, state, nodes } = parseRecord(text);
  const counts = new Map<string, { exporter: string; phase: string; count: number }>();
  for (const { exporters } of Object.values(nodes)) {
    for (const [exporter, { installed, work }] of Object.entries(exporters)) {
      const phase = work?.phase ?? (installed === undefined ? undefined : 'installed');
      if (phase === undefined) continue;
      const key = `${exporter} ${phase}`;
      counts.set(key, { exporter, phase, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  const leaving = Object.entries(nodes).flatMap(([instance, node]) => (node.leaving === true ? [instance] : []));
  return { name, state, nodes: [...counts.values()], leaving: leaving.toSorted() };
}

function parseRecord(text: string): z.output<typeof record> {
  try {
    return record.parse(JSON.parse(text));
  } catch (cause) {
    throw new UnreadableError('not a cluster record: name, state and nodes expected', { cause });
  }
}
