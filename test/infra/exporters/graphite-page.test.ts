import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sinkRegex } from '../../../infra/exporters/graphite/paths/sink-regex.ts';

const page = readFileSync('docs/exporters/graphite.md', 'utf8');
const configurations = [...page.matchAll(/^```json\n(.*?)^```/gms)].flatMap(
  ([, json = '']) => JSON.parse(json) as readonly { Classification: string; Properties: Record<string, string> }[],
);
const propertiesOf = (name: string) =>
  configurations.find(({ Classification }) => Classification === name)?.Properties ?? {};

test('what one pastes as spark-metrics is what the block says', () => {
  const script = '. infra/exporters/graphite/spark.sh; spark_lines';
  const lines = execFileSync('bash', ['-c', script], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], REGEX: sinkRegex.essential },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pasted = Object.entries(propertiesOf('spark-metrics')).map((pair) => pair.join('='));
  expect(pasted).toEqual(lines.split('\n').filter((line) => /^[^#]/.test(line)));
});

test('what applications may add is there to paste', () => {
  expect(propertiesOf('spark-defaults')).toEqual({
    'spark.metrics.appStatusSource.enabled': 'true',
    'spark.sql.streaming.metricsEnabled': 'true',
    'spark.executor.metrics.fileSystemSchemes': 'file,hdfs,s3,s3a',
    'spark.executor.processTreeMetrics.enabled': 'true',
  });
});
