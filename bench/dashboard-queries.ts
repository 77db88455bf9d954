import {
  panelQueries,
  interpolate,
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

/** Everything that Grafana asks when it shows the dashboard with all rows open: variables first, then panels. */
export async function askEverything(prometheus: Asks, dashboard: Dashboard, cluster: string, range: Range) {
  const scene = sceneOf(dashboard, cluster, range);
  const asked: Asked[] = [];
  for (const request of [...variableRequests(dashboard, scene, range), ...panelRequests(dashboard, scene, range)]) {
    if (prometheus.panels.test(`${dashboard.uid} ${request.panel}`))
      asked.push({ dashboard: dashboard.uid, ...(await ask(prometheus, request)) });
  }
  return asked;
}

/** One cluster where the dashboard is of one, and All of everything else. */
function sceneOf({ templating }: Dashboard, cluster: string, { start, end, points, scrape }: Range): Scene {
  const choices = templating.list.map(({ name, includeAll, allValue }): [string, Choice] => [
    name,
    includeAll === true ? { all: allValue ?? '.*' } : cluster,
  ]);
  return {
    choices: Object.fromEntries(choices),
    interval: intervalOf(end - start, points),
    range: end - start,
    scrape,
  };
}

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
