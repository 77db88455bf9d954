import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { preparePrometheus } from '../../scripts/prepare/prepare-prometheus.ts';

const run = (cluster: string, instance: string, application: string, executor: number) =>
  `spark_executor_run_seconds_total{cluster_id="${cluster}",instance="${instance}",job="graphite",application_id="${application}",executor_id="${executor}"}`;
const info = (cluster: string, instance: string, application: string, name: string) =>
  `spark_application_info{cluster_id="${cluster}",instance="${instance}",job="node",application_id="${application}",application_name="${name}",user="ann",queue="q"}`;
const ONE = 'application_1_0001';

test('the documented query joins names by cluster and application, also while two masters tell them', async () => {
  const page = await readFile('docs/exporters/graphite.md', 'utf8');
  const [, query] = /```promql\n(sum by[^`]*spark_application_info\)\n)```/.exec(page) ?? [];
  const input_series = [
    { series: run('j-1', 'i-2', ONE, 1), values: '0+60x20' },
    { series: run('j-1', 'i-3', ONE, 2), values: '0+60x20' },
    { series: run('j-1', 'i-3', 'application_1_0002', 1), values: '0+60x20' },
    { series: run('j-2', 'i-9', ONE, 1), values: '0+30x20' },
    { series: info('j-1', 'i-0', ONE, 'etl'), values: '1x20' },
    { series: info('j-1', 'i-1', ONE, 'etl'), values: '1x20' },
    { series: info('j-2', 'i-8', ONE, 'other'), values: '1x20' },
  ];
  const labels = (cluster: string, name: string) =>
    `{cluster_id="${cluster}",application_id="${ONE}",application_name="${name}",user="ann",queue="q"}`;
  const exp_samples = [
    { labels: labels('j-1', 'etl'), value: 2 },
    { labels: labels('j-2', 'other'), value: 0.5 },
  ];
  const tests = [{ interval: '1m', input_series, promql_expr_test: [{ expr: query, eval_time: '10m', exp_samples }] }];
  const file = join(await mkdtemp(join(tmpdir(), 'join-')), 'join.yml');
  await writeFile(file, stringify({ evaluation_interval: '1m', tests }));
  const { promtool } = await preparePrometheus(cacheFolder(process.env));
  const { status, stdout, stderr } = spawnSync(promtool, ['test', 'rules', file], { encoding: 'utf8' });
  expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') });
});
