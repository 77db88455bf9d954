import {
  type Choice,
  type Dashboard,
  interpolate,
  nameOf,
  panelQueries,
  type PanelQuery,
  type Scene,
  type Variable,
} from '../../sandbox/grafana/panel-queries.ts';

/** Seconds. What a person would look at: from before the cluster until now. */
const RANGE = 900;
const SCRAPE = 5;
const STEP = 5;

/** Of Prometheus's HTTP API. */
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

export interface Answer {
  /** `dashboard: panel, refId`. */
  readonly name: string;
  /** Series with at least one number in them. */
  readonly series: number;
  /** What Prometheus was asked. */
  readonly query: string;
}

/** Every query of every panel that asks Prometheus, with the variables that Grafana would choose on opening. */
export async function askPanels(url: string, dashboards: readonly Dashboard[]): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const dashboard of dashboards) {
    const scene = { choices: await choicesOf(url, dashboard), interval: STEP, range: RANGE, scrape: SCRAPE };
    for (const query of panelQueries(dashboard).filter(({ datasource }) => datasource === 'prometheus'))
      answers.push(await askOne(url, query, scene));
  }
  return answers;
}

/** Two panels of a dashboard may have one title: each must have data. */
export function seriesByName(answers: readonly Answer[]): ReadonlyMap<string, number> {
  const series = new Map<string, number>();
  for (const { name, series: count } of answers) series.set(name, Math.min(count, series.get(name) ?? count));
  return series;
}

async function askOne(url: string, asked: PanelQuery, scene: Scene): Promise<Answer> {
  const { expr, kind } = asked;
  const query = interpolate(expr, scene);
  const end = Date.now() / 1000;
  const series = await (kind === 'instant'
    ? ask<readonly Series[]>(url, 'query', { query, time: end })
    : ask<readonly Series[]>(url, 'query_range', { query, start: end - RANGE, end, step: STEP }));
  const numbers = series.filter(({ value, values = [] }) =>
    [...values, ...(value ? [value] : [])].some(([, number]) => number !== 'NaN'),
  );
  return { name: nameOf(asked), series: numbers.length, query };
}

async function ask<T>(url: string, path: string, parameters: Readonly<Record<string, string | number>>): Promise<T> {
  const search = new URLSearchParams(
    Object.entries(parameters).map(([key, value]): [string, string] => [key, String(value)]),
  );
  const response = await fetch(`${url}/api/v1/${path}?${search.toString()}`);
  const body = (await response.json()) as {
    readonly status: string;
    readonly error?: string;
    readonly data: { readonly result: T };
  };
  if (body.status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${body.error}`);
  return path.startsWith('label/') ? (body.data as T) : body.data.result;
}

/** One after the other, for a variable's query names those before it. */
async function choicesOf(url: string, { uid, templating }: Dashboard): Promise<Scene['choices']> {
  const choices: Record<string, Choice> = {};
  for (const variable of templating.list) {
    const choice = await choiceOf(url, variable, choices);
    if (choice === undefined) throw new Error(`${uid}: the variable ${variable.name} has no value`);
    choices[variable.name] = choice;
  }
  return choices;
}

async function choiceOf(url: string, variable: Variable, choices: Scene['choices']): Promise<Choice | undefined> {
  const { query = '', type, includeAll, allValue } = variable;
  const text = typeof query === 'string' ? query : (query.query ?? '');
  const isOfCloudWatch = text.startsWith('dimension_values');
  if (type !== 'query' || isOfCloudWatch) return text === '' || isOfCloudWatch ? variable.name : text;
  const scene = { choices, interval: STEP, range: RANGE, scrape: SCRAPE };
  const values = await valuesOf(url, interpolate(text, scene), variable);
  if (values.length === 0) return undefined;
  if (includeAll === true) return { all: allValue ?? values.join('|') };
  return values.toSorted()[0];
}

/** As Grafana's Prometheus data source reads a variable's query. */
async function valuesOf(url: string, query: string, { regex }: Variable): Promise<readonly string[]> {
  const [, selector = '', label = ''] = /^label_values\((.*),\s*(\w+)\)$/s.exec(query) ?? [];
  const end = Date.now() / 1000;
  if (label !== '')
    return await ask<readonly string[]>(url, `label/${label}/values`, { 'match[]': selector, start: end - RANGE, end });
  const [, expression] = /^query_result\((.*)\)$/s.exec(query) ?? [];
  if (expression === undefined) throw new Error(`no query of a variable that is known here: ${query}`);
  const series = await ask<readonly Series[]>(url, 'query', { query: expression, time: end });
  const pattern = new RegExp(regex?.replace(/^\/|\/$/g, '') ?? '(?<value>.*)');
  return series.flatMap(({ metric, value }) => {
    const labels = Object.entries(metric).map((pair) => `${pair[0]}="${pair[1]}"`);
    return pattern.exec(`{${labels.join(',')}} ${value?.[1]} ${value?.[0]}`)?.groups?.['value'] ?? [];
  });
}
