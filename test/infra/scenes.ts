import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { MetricPoint } from '../../sandbox/account/alarms.ts';
import { embeddedMetrics } from '../../sandbox/account/service-metrics.ts';
import { ofType } from './template.ts';

/** What the deployed functions are told of metrics. */
const variables = Object.fromEntries(
  ofType('AWS::Lambda::Function').flatMap(([, { Properties }]) => {
    const { Variables } = Properties['Environment'] as { readonly Variables: Readonly<Record<string, unknown>> };
    return Object.entries(Variables).filter(([name]) => name.startsWith('POWERTOOLS_'));
  }),
) as NodeJS.ProcessEnv;

async function playScenes(): Promise<ReadonlyMap<string, readonly MetricPoint[]>> {
  const file = join(import.meta.dirname, 'play-metrics.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [file], { env: variables });
  const scenes = new Map<string, MetricPoint[]>();
  for (const line of stdout.split('\n').filter((text) => text !== '')) {
    const { scene } = JSON.parse(line) as { readonly scene?: string };
    if (scene === undefined) [...scenes.values()].at(-1)?.push(...embeddedMetrics(line));
    else scenes.set(scene, []);
  }
  return scenes;
}

/** What the functions' logs tell CloudWatch, by scene: `calm`, and one for each alarm of the sweep's gauges. */
export const scenes: ReadonlyMap<string, readonly MetricPoint[]> = await playScenes();

/** Namespace, metric and dimensions as one word. */
export const identity = (
  { namespace, metric }: Pick<MetricPoint, 'namespace' | 'metric'>,
  dimensions: Readonly<Record<string, string>>,
): string =>
  `${namespace} ${metric}{${Object.entries(dimensions)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join(',')}}`;
