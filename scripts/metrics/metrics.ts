import { writeFile } from 'node:fs/promises';
import { renderMetrics } from './render-metrics.ts';
import { reportAndExit } from '../report-and-exit.ts';

/** `npm run metrics`: everything that is made of the tables of metrics, written anew. */
try {
  for (const [path, text] of await renderMetrics()) await writeFile(path, text);
} catch (error) {
  reportAndExit(error);
}
