import { asksCloudWatch } from '../sandbox/grafana/asks-cloudwatch.ts';
import {
  panelQueries,
  interpolate,
  intervalOf,
  type Choice,
  type Dashboard,
  type Scene,
} from '../sandbox/grafana/panel-queries.ts';
import { asksPrometheus, variableRequest, variableValues } from '../sandbox/grafana/variable-values.ts';
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
    const { name, includeAll, allValue } = variable;
    if (includeAll !== true) choices[name] = cluster;
    else choices[name] = allValue ? { all: allValue } : await variableValues(url, variable, scene, end);
  }
  return scene;
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
    .filter((query) => !asksCloudWatch(query))
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

const variableRequests = ({ templating }: Dashboard, scene: Scene, { end }: Range): readonly Request[] =>
  templating.list.filter(asksPrometheus).map((variable) => {
    const { path, parameters } = variableRequest(variable, scene, end);
    const body = new URLSearchParams(parameters);
    // Values of a label can be asked for with GET only.
    return path === '/api/v1/query'
      ? { panel: `$${variable.name}`, path, body }
      : { panel: `$${variable.name}`, path: `${path}?${body.toString()}`, body: new URLSearchParams() };
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
