import { spawnSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { preparePrometheus } from '../../scripts/prepare/prepare-prometheus.ts';

let promtool: string;

beforeAll(async () => {
  ({ promtool } = await preparePrometheus(cacheFolder(process.env)));
});

test.each([
  ['check', 'infra/prometheus/compat.rules.yml'],
  ['test', 'test/infra/prometheus/compat.test.yml'],
])('promtool %s rules: the old names are what they were', (action, file) => {
  const { status, stdout, stderr } = spawnSync(promtool, [action, 'rules', file], { encoding: 'utf8' });
  expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') });
});
