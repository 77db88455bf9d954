import { asksCloudWatch } from '../../sandbox/grafana/asks-cloudwatch.ts';
import { askPrometheus } from '../../sandbox/grafana/ask-prometheus.ts';
import {
  type Choice,
  type Dashboard,
  interpolate,
  nameOf,
  panelQueries,
  type PanelQuery,
  type Scene,
  textOf,
  type Variable,
} from '../../sandbox/grafana/panel-queries.ts';
import { asksPrometheus, variableValues } from '../../sandbox/grafana/variable-values.ts';

/** Seconds. What a person would look at: from before the cluster until now. */
const RANGE = 900;
const SCRAPE = 5;
const STEP = 5;

/** Of Prometheus's HTTP API. */
interface Series {
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

/** Every query of every panel but those listed as CloudWatch's, with the variables that Grafana would choose on opening. */
export async function askPanels(url: string, dashboards: readonly Dashboard[]): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const dashboard of dashboards) {
    const scene = { choices: await choicesOf(url, dashboard), interval: STEP, range: RANGE, scrape: SCRAPE };
    for (const query of panelQueries(dashboard).filter((asked) => !asksCloudWatch(asked)))
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
  const times: Record<string, string> =
    kind === 'instant' ? { time: String(end) } : { start: String(end - RANGE), end: String(end), step: String(STEP) };
  const path = kind === 'instant' ? '/api/v1/query' : '/api/v1/query_range';
  const { result } = await askPrometheus<{ readonly result: readonly Series[] }>(url, path, { query, ...times });
  const numbers = result.filter(({ value, values = [] }) =>
    [...values, ...(value ? [value] : [])].some(([, number]) => number !== 'NaN'),
  );
  return { name: nameOf(asked), series: numbers.length, query };
}

/** One after the other, for a variable's query names those before it. */
async function choicesOf(url: string, { templating }: Dashboard): Promise<Scene['choices']> {
  const choices: Record<string, Choice> = {};
  for (const variable of templating.list) choices[variable.name] = await choiceOf(url, variable, choices);
  return choices;
}

/** Values are asked for even where All has one of its own: a list that is empty is of no use to anybody. */
async function choiceOf(url: string, variable: Variable, choices: Scene['choices']): Promise<Choice> {
  const { name, type, includeAll, allValue } = variable;
  if (!asksPrometheus(variable)) return (type !== 'query' && textOf(variable)) || name;
  const scene = { choices, interval: STEP, range: RANGE, scrape: SCRAPE };
  const values = await variableValues(url, variable, scene, Date.now() / 1000);
  if (includeAll === true) return allValue ? { all: allValue } : values;
  return values.toSorted()[0] ?? name;
}
