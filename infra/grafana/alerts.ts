import type { PanelText, Unplaced } from './panel.ts';
import { inWords } from './panel.ts';
import { FIRING } from './selectors.ts';
import { table } from './table.ts';

interface Alerts extends Omit<PanelText, 'unit' | 'decimals'> {
  /** Whose: `cluster_id=""` for those of no cluster. */
  readonly of: string;
  /** The labels that say what an alert is about, made one: two full disks of a node are two rows. */
  readonly about: readonly string[];
}

/** A dashboard that nobody published has no links to them: it does not know where they are read. */
export const RUNBOOKS =
  'What to do is in docs/runbooks/<name>.md; where the parameter runbookUrl is an address, a click on the name opens it.';

/** What fires: the worst first, of these the newest. */
export function alertsTable({ of, about, ...text }: Alerts): Unplaced {
  const joined = (series: string): string =>
    `label_join(${series}, "about", " ", ${about.map((label) => `"${label}"`).join(', ')})`;
  const firing = (severity: string): string => `ALERTS{${FIRING}, ${severity}, ${of}}`;
  // A word sorts by its letters: so a number, shown as the word.
  const ranked = joined(
    `0 * ${firing('severity="critical"')} or 0 * ${firing('severity="warning"')} + 1 or 0 * ${firing('severity!~"critical|warning"')} + 2`,
  );
  return table({
    ...text,
    key: ['alertname', 'severity', 'about'],
    rows: ranked,
    labels: [
      // Publishing puts a link to the runbook here, when it knows where these are: scripts/content/runbook-links.ts.
      { label: 'alertname', title: 'Alert', link: 'none yet' },
      { label: 'about', title: 'About' },
    ],
    values: [
      {
        title: 'Severity',
        expr: ranked,
        mappings: [inWords({ 0: ['critical', 'red'], 1: ['warning', 'orange'], 2: ['info', 'blue'] })],
        width: 90,
      },
      {
        title: 'For',
        expr: `time() - ${joined(`ALERTS_FOR_STATE{emr!="", ${of}}`)} and on (alertname, severity, about) ${ranked}`,
        unit: 's',
        decimals: 0,
        width: 90,
      },
    ],
    sortBy: 'Severity',
    thenBy: 'For',
    ascending: true,
  });
}
