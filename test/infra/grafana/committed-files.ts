import { globSync, readFileSync } from 'node:fs';

/** The files as they are committed, with what the tests look at. */
export interface CommittedDashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly links: readonly Link[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly { readonly target: Target }[] };
  readonly panels: readonly AnyPanel[];
}

interface Variable {
  readonly name: string;
  readonly query: string;
  /** 2 where nobody sees it. */
  readonly hide?: number;
}

interface Link {
  readonly type: string;
  readonly tags: readonly string[];
  readonly includeVars: boolean;
  readonly keepTime: boolean;
}

export interface DataLink {
  readonly title: string;
  readonly url: string;
}

interface Target {
  readonly refId: string;
  /** Of Prometheus. */
  readonly expr?: string;
  /** Of CloudWatch. */
  readonly expression?: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
}

export interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface CommittedPanel {
  readonly type: 'stat' | 'table' | 'timeseries';
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly gridPos: GridPos;
  readonly datasource: { readonly type: 'prometheus' | 'cloudwatch' };
  readonly targets: readonly Target[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly transformations?: readonly { readonly options: { readonly renameByName?: object } }[];
  readonly fieldConfig: {
    readonly defaults: { readonly unit?: string; readonly noValue?: string; readonly links?: readonly DataLink[] };
    readonly overrides: readonly {
      readonly matcher: { readonly options: string };
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
}

interface CommittedRow {
  readonly type: 'row';
  readonly id: number;
  readonly title: string;
  readonly collapsed: boolean;
  readonly gridPos: GridPos;
  readonly panels: readonly CommittedPanel[];
}

export type AnyPanel = CommittedPanel | CommittedRow;

const parse = (file: string): CommittedDashboard => JSON.parse(readFileSync(file, 'utf8')) as CommittedDashboard;

export const committedDashboards: readonly CommittedDashboard[] = globSync('infra/grafana/dashboards/*.json')
  .toSorted()
  .map(parse);

/** Those in closed rows, too. */
export const panelsOf = ({ panels }: CommittedDashboard): readonly CommittedPanel[] =>
  panels.flatMap((panel) => (panel.type === 'row' ? panel.panels : [panel]));

/** Panels by the row that they stand under, open or closed. */
export function rowsOf({ panels }: CommittedDashboard): ReadonlyMap<string, readonly CommittedPanel[]> {
  const rows = new Map<string, CommittedPanel[]>();
  let row: CommittedPanel[] = [];
  for (const panel of panels) {
    if (panel.type === 'row') rows.set(panel.title, (row = [...panel.panels]));
    else row.push(panel);
  }
  return rows;
}
