import { writeFile } from 'node:fs/promises';
import { parseCommand } from '../parse-command.ts';
import { renderMetrics } from './render-metrics.ts';
import { reportAndExit } from '../report-and-exit.ts';

const USAGE = `npm run metrics

Writes everything anew that is made of the tables of metrics: mappings, rules and pages`;

try {
  parseCommand({ args: process.argv.slice(2), options: {} }, USAGE);
  for (const [path, text] of await renderMetrics()) await writeFile(path, text);
} catch (error) {
  reportAndExit(error);
}
