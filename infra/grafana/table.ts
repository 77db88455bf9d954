import {
  TableCellDisplayMode,
  TableCellHeight,
  TableSortByFieldStateBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { DynamicConfigValue, ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import type { PanelText, Steps, Unplaced } from './panel.ts';
import { NEUTRAL, thresholds } from './panel.ts';
import { asTable, DATASOURCE, valueField } from './query.ts';

interface Look {
  readonly unit?: string;
  readonly decimals?: number;
  /** Colours the number. */
  readonly steps?: Steps;
  /** A bar from 0 to 1 beside the number: for shares. */
  readonly bar?: boolean;
  readonly mappings?: readonly ValueMap[];
  /** Where a click on the cell leads: see links.ts. `none yet` leaves the place for one. */
  readonly link?: { readonly title: string; readonly url: string } | 'none yet';
  /** In pixels. */
  readonly width?: number;
}

interface LabelColumn extends Look {
  readonly label: string;
  readonly title: string;
}

export interface ValueColumn extends Look {
  readonly title: string;
  readonly expr: string;
}

export interface Table extends Omit<PanelText, 'unit' | 'decimals'> {
  /** The labels that name a row: every query is aggregated by them, so that rows of all queries find each other. */
  readonly key: readonly string[];
  /** Says which rows there are and has the labels; its own value is not shown. */
  readonly rows: string;
  readonly labels: readonly LabelColumn[];
  readonly values: readonly ValueColumn[];
  readonly sortBy: string;
  /** Where `sortBy` makes no difference. */
  readonly thenBy?: string;
  readonly ascending?: boolean;
}

/** In pixels: Grafana's own 150 would let a table of twenty columns run out of the screen. */
const MIN_WIDTH = 60;

/** A row for each thing, as of now: labels first, then a column for each query. */
export function table(spec: Table): Unplaced {
  const shown = spec.labels.map(({ label }) => label);
  const rows = { expr: `max by (${[...new Set([...spec.key, ...shown])].join(', ')}) (${spec.rows})` };
  const values = spec.values.map(({ expr }) => ({ expr: `max by (${spec.key.join(', ')}) (${expr})` }));
  const queries = [rows, ...values];
  const fields = [
    ...spec.labels.map(({ label, title }) => [label, title] as const),
    ...spec.values.map(({ title }, index) => [valueField(index + 1, queries.length), title] as const),
  ];
  const hidden = ['Time', valueField(0, queries.length), ...spec.key.filter((label) => !shown.includes(label))];
  const panel = new PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .datasource(DATASOURCE)
    .span(spec.width ?? 24)
    .height(spec.height ?? 10)
    .targets(queries.map(asTable))
    .cellHeight(TableCellHeight.Sm)
    .filterable(true)
    .minWidth(MIN_WIDTH)
    .cellOptions({ type: TableCellDisplayMode.Auto })
    .noValue('–')
    .sortBy(
      [spec.sortBy, ...(spec.thenBy === undefined ? [] : [spec.thenBy])].map((column) =>
        new TableSortByFieldStateBuilder().displayName(column).desc(!spec.ascending),
      ),
    )
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: Object.fromEntries(hidden.map((name) => [name, true])),
        indexByName: Object.fromEntries(fields.map(([name], index) => [name, index])),
        renameByName: Object.fromEntries(fields),
      },
    });
  for (const column of [...spec.labels, ...spec.values]) {
    const properties = look(column);
    if (properties.length > 0) panel.overrideByName(column.title, properties);
  }
  const { footer: _footer, ...options } = panel.build().options as Record<string, unknown>; // gone since Grafana 12.2
  return { ...panel.build(), options };
}

/** A cell shows no colour, not that of its word either, unless it is told to. */
function stepsOf({ steps, mappings = [] }: Look): Steps | undefined {
  const words = mappings.flatMap(({ options }) => Object.values(options));
  return steps ?? (words.some(({ color }) => color !== undefined) ? NEUTRAL : undefined);
}

function look(column: Look): DynamicConfigValue[] {
  const { unit, decimals, bar, mappings, link, width } = column;
  const steps = stepsOf(column);
  const properties: DynamicConfigValue[] = [];
  const set = (id: string, value: unknown): void => void properties.push({ id, value });
  if (unit !== undefined) set('unit', unit);
  if (decimals !== undefined) set('decimals', decimals);
  if (mappings) set('mappings', mappings);
  if (steps) set('thresholds', thresholds(steps).build());
  if (bar) {
    set('min', 0);
    set('max', 1);
    set('custom.cellOptions', { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' });
  } else if (steps) set('custom.cellOptions', { type: 'color-text' });
  if (link) set('links', link === 'none yet' ? [] : [{ title: link.title, url: link.url }]);
  if (width !== undefined) set('custom.width', width);
  return properties;
}
