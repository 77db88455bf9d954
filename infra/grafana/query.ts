import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';

/** The variable that chooses the Prometheus: every query and every panel asks it. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

export interface Query {
  readonly expr: string;
  /** A name for each series: text and `{{label}}`. */
  readonly legend?: string;
}

const refId = (position: number): string => String.fromCharCode('A'.charCodeAt(0) + position);

/** The name of a table's value of the query at this position, as Grafana gives it. */
export const valueField = (position: number, queries: number): string =>
  queries === 1 ? 'Value' : `Value #${refId(position)}`;

const base = ({ expr, legend }: Query, position: number): DataqueryBuilder =>
  new DataqueryBuilder()
    .datasource(DATASOURCE)
    .editorMode(QueryEditorMode.Code)
    .refId(refId(position))
    .expr(expr.replace(/\s+/g, ' ').trim())
    .legendFormat(legend ?? '__auto');

/** Over the time shown. */
export const overTime = (query: Query, position: number): DataqueryBuilder => base(query, position).range();

/** As of the end of the time shown. */
export const asOfNow = (query: Query, position: number): DataqueryBuilder => base(query, position).instant();

/** As of the end of the time shown, a row for each series and a column for each label. */
export const asTable = (query: Query, position: number): DataqueryBuilder =>
  base(query, position).instant().format(PromQueryFormat.Table);
