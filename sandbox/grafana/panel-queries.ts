import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What of Grafana's dashboard model a query depends on; docs: grafana.com, "Dashboard JSON model". */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations?: {
    readonly list: readonly { readonly name: string; readonly target: { readonly expr: string } }[];
  };
}

interface Panel {
  readonly id?: number;
  readonly type: string;
  readonly title?: string;
  readonly datasource?: { readonly type?: string };
  readonly targets?: readonly Target[];
  readonly maxDataPoints?: number;
  /** Of a collapsed row. */
  readonly panels?: readonly Panel[];
}

interface Target {
  readonly refId: string;
  readonly expr?: string;
  readonly instant?: boolean;
  readonly range?: boolean;
  readonly hide?: boolean;
  readonly datasource?: { readonly type?: string };
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query?: string | { readonly query?: string };
  /** What of an answer is the value (`?<value>`), and what is shown. */
  readonly regex?: string;
  readonly includeAll?: boolean;
  readonly allValue?: string | null;
  readonly multi?: boolean;
}

/** What a variable asks, as written; empty where it asks nothing. */
export const textOf = ({ query = '' }: Variable): string => (typeof query === 'string' ? query : (query.query ?? ''));

/** One query of one panel, as written: its variables are not put in yet. */
export interface PanelQuery {
  readonly dashboard: string;
  readonly panel: string;
  readonly refId: string;
  readonly datasource: string;
  /** Empty for a data source that is not Prometheus. */
  readonly expr: string;
  readonly kind: 'instant' | 'range';
  /** At most so many; without, as many as the panel has pixels. */
  readonly points?: number;
}

/** As people say which one they mean. */
export const nameOf = ({ dashboard, panel, refId }: PanelQuery): string => `${dashboard}: ${panel}, ${refId}`;

const FOLDER = join(import.meta.dirname, '../../infra/grafana/dashboards');

/** Every dashboard that is shipped. */
export async function readDashboards(folder = FOLDER): Promise<readonly Dashboard[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.map((text) => JSON.parse(text) as Dashboard);
}

/** Every query of every panel, those in collapsed rows too; a hidden target's is not asked. */
export const panelQueries = ({ uid, panels }: Dashboard): readonly PanelQuery[] =>
  panels.flatMap((panel) => [
    ...queriesOf(uid, panel),
    ...(panel.panels ?? []).flatMap((inner) => queriesOf(uid, inner)),
  ]);

const queriesOf = (
  dashboard: string,
  { title, type, datasource, maxDataPoints, targets = [] }: Panel,
): readonly PanelQuery[] =>
  targets
    .filter(({ hide }) => hide !== true)
    .map(({ refId, expr = '', instant, datasource: own }) => ({
      dashboard,
      panel: title ?? type,
      refId,
      datasource: own?.type ?? datasource?.type ?? 'prometheus',
      expr,
      kind: instant === true ? 'instant' : 'range',
      ...(maxDataPoints === undefined ? {} : { points: maxDataPoints }),
    }));

/** What is chosen: the value of a variable that can have but one, those of one with `multi` or All (escaped), or All. */
export type Choice = string | readonly string[] | { readonly all: string };

export interface Scene {
  readonly choices: Readonly<Record<string, Choice>>;
  /** Seconds: between two points, what is looked at, between two scrapes (the data source's setting). */
  readonly interval: number;
  readonly range: number;
  readonly scrape: number;
}

/**
 * The text with its variables as Grafana's Prometheus data source puts them in: `$name`, `${name}`, `${name:format}`,
 * `[[name]]`. An unknown one is an error here; Grafana would send it as it stands, and show nothing.
 */
export function interpolate(text: string, { choices, interval, range, scrape }: Scene): string {
  const built: Readonly<Record<string, string>> = {
    // public/app/plugins/datasource/prometheus: at least four scrapes, and a scrape more than a step.
    __rate_interval: `${Math.max(interval + scrape, 4 * scrape)}s`,
    __interval: `${interval}s`,
    __interval_ms: String(interval * 1000),
    __range: `${range}s`,
    __range_s: String(range),
    __range_ms: String(range * 1000),
  };
  return text.replaceAll(
    /\$(\w+)|\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)\]\]/g,
    (_whole, plain?: string, braced?: string, format?: string, old?: string) => {
      const name = plain ?? braced ?? old ?? '';
      const choice = choices[name] ?? built[name];
      if (choice === undefined) throw new Error(`$${name} is no variable of the dashboard: ${text}`);
      return chosen(choice, format);
    },
  );
}

function chosen(choice: Choice, format: string | undefined): string {
  if (typeof choice === 'string') return format === 'regex' ? escaped(choice) : choice;
  // All with a value of its own is put in as it stands.
  if ('all' in choice) return choice.all;
  const values = choice.map(escaped);
  return values.length === 1 ? (values[0] ?? '') : `(${values.join('|')})`;
}

/** Seconds between two points: Grafana rounds what the width makes of the range (roundInterval of @grafana/data). */
export function intervalOf(range: number, points: number): number {
  const wanted = range / points;
  const [, rounded] = ROUNDED.find(([below]) => wanted < below) ?? [0, 3600];
  return rounded;
}

const ROUNDED = [
  [12.5, 10],
  [17.5, 15],
  [25, 20],
  [45, 30],
  [90, 60],
  [150, 120],
  [225, 180],
  [450, 300],
  [750, 600],
  [1050, 900],
  [1500, 1200],
  [2700, 1800],
] as const;

/** For a regular expression within a string of PromQL. */
const escaped = (value: string): string => value.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\\$&`);
