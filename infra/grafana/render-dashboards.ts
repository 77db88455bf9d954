import { DASHBOARDS } from './catalogue.ts';

/** The generated files by path. */
export const renderDashboards = (): ReadonlyMap<string, string> =>
  new Map(
    DASHBOARDS.map((dashboard) => [
      `infra/grafana/dashboards/${dashboard.uid}.json`,
      `${JSON.stringify(dashboard, undefined, 2)}\n`,
    ]),
  );
