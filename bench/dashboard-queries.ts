import {
  panelQueries,
  interpolate,
  textOf,
  intervalOf,
  type Choice,
  type Dashboard,
  type Scene,
} from '../sandbox/grafana/panel-queries.ts';
import { median } from './figure.ts';
import { processorTime } from './processor-time.ts';

export interface Asked {
  readonly dashboard: string;
  readonly panel: string;
  /** Median, the answer's way included. */
  readonly ms: number;
  /** Of Prometheus, on average. */
  readonly cpuMs: number;
  readonly bytes: number;
  readonly series: number;
}

export interface Range {
  /** Seconds since 1970. */
  readonly start: number;
  readonly end: number;
  /** In the width of a panel that does not say itself. */
  readonly points: number;
  readonly scrape: number;
}

interface Request {
  readonly panel: string;
  readonly path: string;
  readonly body: URLSearchParams;
}

const RUNS = 3;

export interface Asks {
  readonly url: string;
  readonly pid: number;
  /** Of which panels, by uid and title. */
  readonly panels: RegExp;
}

/** Everything that Grafana asks Prometheus when it shows the dashboard with all rows open: variables first. */
export async function askEverything(prometheus: Asks, dashboard: Dashboard, cluster: string, range: Range) {
  const scene = await sceneOf(prometheus.url, dashboard, cluster, range);
  const asked: Asked[] = [];
  for (const request of [variableRequests, annotationRequests, panelRequests].flatMap((of) =>
    of(dashboard, scene, range),
  )) {
    if (prometheus.panels.test(`${dashboard.uid} ${request.panel}`))
      asked.push({ dashboard: dashboard.uid, ...(await ask(prometheus, request)) });
  }
  return asked;
}

/** One cluster where the dashboard is of one, and All of everything else. */
async function sceneOf(url: string, dashboard: Dashboard, cluster: string, range: Range): Promise<Scene> {
  const { start, end, points, scrape } = range;
  const choices: Record<string, Choice> = {};
  const scene = { choices, interval: intervalOf(end - start, points), range: end - start, scrape };
  for (const variable of dashboard.templating.list) {
    const { name, regex = '', includeAll, allValue } = variable;
    if (includeAll !== true) choices[name] = cluster;
    else
      choices[name] = allValue
        ? { all: allValue }
        : await valuesOf(url, interpolate(textOf(variable), scene), regex, end);
  }
  return scene;
}

/** All without a value of its own is a list of all values, here of a `query_result(…)`. */
async function valuesOf(url: string, text: string, regex: string, end: number): Promise<readonly string[]> {
  const query = text.replace(/^query_result\((.*)\)$/s, '$1');
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query, time: String(end) }).toString()}`);
  const pattern = new RegExp(regex.replaceAll(/^\/|\/$/g, ''), 'g');
  const { data } = (await response.json()) as {
    data?: { result: readonly { metric: Readonly<Record<string, string>> }[] };
  };
  const values = (data?.result ?? []).flatMap(({ metric }) => {
    const labels = Object.entries(metric).map(([label, value]) => `${label}="${value}"`);
    return [...labels.join(',').matchAll(pattern)].flatMap(({ groups }) => groups?.['value'] ?? []);
  });
  if (values.length === 0) throw new Error(`a variable has no values: ${text}`);
  return values;
}

/** Seconds between two points of an annotation, whatever the width (Grafana's Prometheus data source). */
const ANNOTATION_STEP = 60;

const annotationRequests = ({ annotations }: Dashboard, scene: Scene, range: Range): readonly Request[] =>
  (annotations?.list ?? []).map(({ name, target }) => ({
    panel: `@${name}`,
    ...requestOf(interpolate(target.expr, scene), 'range', range, ANNOTATION_STEP),
  }));

const panelRequests = (dashboard: Dashboard, scene: Scene, range: Range): readonly Request[] =>
  panelQueries(dashboard)
    .filter(({ datasource }) => datasource === 'prometheus')
    .map(({ panel, expr, kind, points }) => {
      const interval = intervalOf(range.end - range.start, points ?? range.points);
      return { panel, ...requestOf(interpolate(expr, { ...scene, interval }), kind, range, interval) };
    });

function requestOf(query: string, kind: 'instant' | 'range', { start, end }: Range, step: number) {
  return kind === 'instant'
    ? { path: '/api/v1/query', body: new URLSearchParams({ query, time: String(end) }) }
    : {
        path: '/api/v1/query_range',
        body: new URLSearchParams({ query, start: String(start), end: String(end), step: String(step) }),
      };
}

/** `query_result(…)` and `label_values(selector, label)`, as Grafana's Prometheus data source asks them. */
const variableRequests = ({ templating }: Dashboard, scene: Scene, range: Range): readonly Request[] =>
  templating.list.flatMap(({ name, type, query }) => {
    if (type !== 'query' || typeof query !== 'string') return [];
    const [, kind = '', inside = ''] = /^(\w+)\((.*)\)$/s.exec(interpolate(query, scene)) ?? [];
    if (kind === 'dimension_values') return []; // CloudWatch's
    if (kind === 'query_result') return [{ panel: `$${name}`, ...requestOf(inside, 'instant', range, 0) }];
    const [, selector = '', label = ''] = /^(.*),\s*(\w+)$/s.exec(inside) ?? [];
    const times = { start: String(range.start), end: String(range.end) };
    const body = new URLSearchParams({ 'match[]': selector, ...times });
    return [
      { panel: `$${name}`, path: `/api/v1/label/${label}/values?${body.toString()}`, body: new URLSearchParams() },
    ];
  });

async function ask({ url, pid }: Asks, { panel, path, body }: Request): Promise<Omit<Asked, 'dashboard'>> {
  const times: number[] = [];
  const before = await processorTime(pid);
  let text = '';
  for (let run = 0; run < RUNS; run++) {
    const began = performance.now();
    const options = path.includes('?') ? {} : { method: 'POST', body };
    const response = await fetch(`${url}${path}`, options);
    text = await response.text();
    times.push(performance.now() - began);
    if (!response.ok) throw new Error(`${panel}: ${text}`);
  }
  const cpuMs = ((await processorTime(pid)) - before) / RUNS;
  return { panel, ms: median(times), cpuMs, bytes: text.length, series: text.split('"metric":').length - 1 };
}
