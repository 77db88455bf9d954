import type { ContentView } from '../content/content-sync.ts';
import type { Known } from '../known.ts';
import type { Complaint } from '../say-once.ts';

/** All that the pages are made from. */
export interface View {
  readonly bucket: string;
  readonly holdMs: number;
  readonly intervalMs: number;
  readonly now: Date;
  /** The clock that never jumps, in ms. */
  readonly uptime: number;
  readonly known: Known;
  readonly complaints: ReadonlyMap<string, Complaint>;
  /** Undefined when this sidecar brings no rules and dashboards. */
  readonly content: ContentView | undefined;
}
