import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '../..');

/** The files that exporters make of their tables of metrics, by path: `metricsFiles` of infra/exporters/<name>/metrics.ts. */
export async function renderMetrics(): Promise<ReadonlyMap<string, string>> {
  const files: [string, string][] = [];
  for (const file of globSync('infra/exporters/*/metrics.ts', { cwd: root }).toSorted()) {
    const { metricsFiles } = (await import(pathToFileURL(join(root, file)).href)) as Metrics;
    files.push(...(await metricsFiles()));
  }
  return new Map(files);
}

interface Metrics {
  readonly metricsFiles: () => Promise<ReadonlyMap<string, string>>;
}
