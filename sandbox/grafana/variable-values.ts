import { askPrometheus } from './ask-prometheus.ts';
import { interpolate, type Scene, textOf, type Variable } from './panel-queries.ts';

interface Asked {
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
}

interface Vector {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: readonly [time: number, value: string];
  }[];
}

/** Others are chosen from a list, typed in, or known to CloudWatch. */
export const asksPrometheus = (variable: Variable): boolean =>
  variable.type === 'query' && !textOf(variable).startsWith('dimension_values');

/** What Grafana's Prometheus data source sends for a variable, at the end of the time shown (seconds since 1970). */
export function variableRequest(variable: Variable, scene: Scene, end: number): Asked {
  const text = interpolate(textOf(variable), scene);
  const [, query] = /^query_result\((.*)\)$/s.exec(text) ?? [];
  if (query !== undefined) return { path: '/api/v1/query', parameters: { query, time: String(end) } };
  const [, selector, label] = /^label_values\((.*),\s*(\w+)\)$/s.exec(text) ?? [];
  if (selector === undefined) throw new Error(`$${variable.name} asks in a way that is not known here: ${text}`);
  const times = { start: String(end - scene.range), end: String(end) };
  return { path: `/api/v1/label/${label}/values`, parameters: { 'match[]': selector, ...times } };
}

/** All that somebody could choose, each once. None is an error here; Grafana would show panels without data. */
export async function variableValues(
  url: string,
  variable: Variable,
  scene: Scene,
  end: number,
): Promise<readonly string[]> {
  const { path, parameters } = variableRequest(variable, scene, end);
  const data = await askPrometheus<Vector | readonly string[]>(url, path, parameters);
  const options = 'result' in data ? data.result.map(inWords) : data;
  const values = new Set(options.flatMap((option) => valueIn(option, variable)));
  if (values.size === 0) throw new Error(`$${variable.name} has no values: ${JSON.stringify(parameters)}`);
  return [...values];
}

/** A series as the data source hands it to the variable's regular expression. */
function inWords({ metric: { __name__: name = '', ...labels }, value: [time, value] }: Vector['result'][number]) {
  const pairs = Object.entries(labels).map((pair) => `${pair[0]}="${pair[1]}"`);
  return `${name}{${pairs.join(',')}} ${value} ${time * 1000}`;
}

/** Of the group `value` in the first match: without the flag `g` Grafana looks for no other. */
function valueIn(option: string, { regex = '' }: Variable): readonly string[] {
  if (regex === '') return [option];
  const value = new RegExp(regex.replaceAll(/^\/|\/$/g, '')).exec(option)?.groups?.['value'];
  return value === undefined ? [] : [value];
}
