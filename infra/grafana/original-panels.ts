import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A panel of the dashboards that the original recipe had, and what shows it here. */
export interface OriginalPanel {
  readonly dashboard: string;
  readonly row: string;
  readonly panel: string;
  readonly uid: string;
  readonly ourRow: string;
  readonly ourPanel: string;
  /** Which of its defects is gone; empty where it had none. */
  readonly gone: string;
}

/** The original's third dashboard was a copy: its panels are these, "Memory Utilization" among them as "Memory Used". */
export const COPIED = { copy: 'JVM-Metrics', of: 'OS-Level-Metrics' } as const;

export async function readOriginalPanels(): Promise<readonly OriginalPanel[]> {
  const tsv = await readFile(join(import.meta.dirname, 'original-panels.tsv'), 'utf8');
  return tsv
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [dashboard = '', row = '', panel = '', uid = '', ourRow = '', ourPanel = '', gone = ''] = line.split('\t');
      return { dashboard, row, panel, uid, ourRow, ourPanel, gone };
    });
}
