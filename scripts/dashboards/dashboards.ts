import { writeFile } from 'node:fs/promises';
import { renderDashboards } from '../../infra/grafana/render-dashboards.ts';
import { reportAndExit } from '../report-and-exit.ts';

/** `npm run dashboards`: the dashboards' JSON and docs/dashboards.md, written anew from infra/grafana. */
try {
  for (const [path, text] of await renderDashboards()) await writeFile(path, text);
} catch (error) {
  reportAndExit(error);
}
