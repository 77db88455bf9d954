import * as z from 'zod/mini';
import { catch as otherwise } from 'zod/mini';
import { UnreadableError } from '../shared/core/errors.ts';

/** Not known here, or not as it was: shown as absent. */
const maybe = otherwise(z.optional(z.string()), undefined);
const text = otherwise(z.string(), '');

/** Only what is shown here, of any schema: the sidecar may be older than the functions that write the records. */
const record = z.object({
  name: z.string(),
  state: z.string(),
  selected: otherwise(z.optional(z.boolean()), undefined),
  releaseLabel: text,
  labels: otherwise(z.object({ region: text }), { region: '' }),
  observedAt: maybe,
  held: maybe,
  nodes: z.record(
    z.string(),
    z.object({
      state: text,
      role: text,
      market: text,
      instanceType: text,
      firstSeen: maybe,
      address: maybe,
      held: maybe,
      leaving: z.optional(z.boolean()),
      exporters: z.record(
        z.string(),
        z.object({
          held: maybe,
          installed: z.optional(
            z.object({
              version: text,
              revision: text,
              endpoints: otherwise(z.array(z.unknown()), []),
              at: maybe,
              from: maybe,
              reason: maybe,
            }),
          ),
          work: z.optional(
            z.object({
              phase: z.string(),
              action: text,
              version: text,
              revision: text,
              reason: maybe,
              at: maybe,
              deferrals: otherwise(z.number(), 0),
            }),
          ),
        }),
      ),
    }),
  ),
});

type Seen = z.output<typeof record>;
export type SeenNode = Seen['nodes'][string];
export type SeenExporter = SeenNode['exporters'][string];

/** One exporter on one node. */
export interface Place {
  readonly id: string;
  readonly node: SeenNode;
  readonly exporter: string;
  readonly seen: SeenExporter;
}

/** Throws an UnreadableError where name, state or nodes are missing. */
export function parseSeen(body: string): Seen {
  try {
    return record.parse(JSON.parse(body));
  } catch (cause) {
    throw new UnreadableError('not a cluster record: name, state and nodes expected', { cause });
  }
}
