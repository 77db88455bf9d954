import { writeFile } from 'node:fs/promises';
import { renderDashboards } from '../../infra/grafana/render-dashboards.ts';
import { parseCommand } from '../parse-command.ts';
import { reportAndExit } from '../report-and-exit.ts';

const USAGE = `npm run dashboards

Writes the dashboards' JSON and docs/dashboards.md anew from infra/grafana`;

try {
  parseCommand({ args: process.argv.slice(2), options: {} }, USAGE);
  for (const [path, text] of await renderDashboards()) await writeFile(path, text);
} catch (error) {
  reportAndExit(error);
}
