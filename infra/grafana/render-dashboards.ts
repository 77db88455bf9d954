import { DASHBOARDS } from './catalogue.ts';
import { dashboardsPage } from './dashboards-page.ts';
import { readOriginalPanels } from './original-panels.ts';

/** What is made of the dashboards' code, by path: a file for each, and the page about them. */
export const renderDashboards = async (): Promise<ReadonlyMap<string, string>> =>
  new Map([
    ...DASHBOARDS.map(
      (dashboard) =>
        [`infra/grafana/dashboards/${dashboard.uid}.json`, `${JSON.stringify(dashboard, undefined, 2)}\n`] as const,
    ),
    ['docs/dashboards.md', dashboardsPage(await readOriginalPanels())],
  ]);
