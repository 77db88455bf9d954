import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { preparePrometheus } from '../../scripts/prepare/prepare-prometheus.ts';

const home = mkdtempSync(join(tmpdir(), 'heartbeat-'));
afterAll(() => rmSync(home, { recursive: true }));
let promtool: string;
let query: string;

/** What infra/host/heartbeat.sh asks of Prometheus. */
beforeAll(async () => {
  ({ promtool } = await preparePrometheus(cacheFolder(process.env)));
  const curl = `#!/bin/sh\nfor WORD in "$@"; do case $WORD in query=*) echo "$WORD" >'${home}/query' ;; esac; done\necho '"value"'\n`;
  writeFileSync(join(home, 'curl'), curl, { mode: 0o755 });
  writeFileSync(join(home, 'aws'), `#!/bin/sh\ncat '${home}/query'\n`, { mode: 0o755 });
  const env = { PATH: `${home}:/usr/bin:/bin`, AWS_REGION: 'us-east-1', HOST: 'host' };
  query = spawnSync('sh', ['infra/host/heartbeat.sh'], { env, encoding: 'utf8' })
    .stdout.trim()
    .replace(/^query=/, '');
});

/** Half an hour, a sample each 15 s: what a counter is from each fifth minute on. */
const each5m = (...values: readonly number[]): string => values.map((value) => `${value}x19`).join(' ');
const NONE = each5m(0, 0, 0, 0, 0, 0);
const TRIED = each5m(0, 1, 2, 3, 4, 5);
const EVALUATED = '0+15x119';

test.each([
  ['a heartbeat goes out while nothing has to be sent', true, EVALUATED, NONE, NONE],
  ['a heartbeat goes out while everything is sent', true, EVALUATED, TRIED, NONE],
  ['a heartbeat goes out while some of it is sent', true, EVALUATED, each5m(0, 2, 4, 6, 8, 10), TRIED],
  [
    'one message that was refused stops no heartbeat',
    true,
    EVALUATED,
    each5m(0, 0, 0, 0, 0, 1),
    each5m(0, 0, 0, 0, 0, 1),
  ],
  [
    'heartbeats go on when nothing is refused any more',
    true,
    EVALUATED,
    each5m(0, 1, 2, 3, 4, 4),
    each5m(0, 1, 2, 3, 4, 4),
  ],
  [
    'heartbeats come back with the first message that gets through',
    true,
    EVALUATED,
    TRIED.replace(/\S+$/, '5x13 6x5'),
    TRIED,
  ],
  ['heartbeats stop when everything is refused', false, EVALUATED, TRIED, TRIED],
  [
    'heartbeats stop when everything is refused, after years in which it was sent',
    false,
    EVALUATED,
    each5m(900, 920, 940, 960, 980, 1000),
    each5m(0, 20, 40, 60, 80, 100),
  ],
  ['heartbeats stop when no rule is evaluated any more', false, '0+15x60 900x58', NONE, NONE],
] as const)('%s', (_, isSent, evaluated, asked, failed) => {
  const series = {
    'up{job="prometheus",instance="host"}': '1x119',
    'up{job="alertmanager",instance="host"}': '1x119',
    prometheus_rule_group_last_evaluation_timestamp_seconds: evaluated,
    'alertmanager_notification_requests_total{integration="sns"}': asked,
    'alertmanager_notification_requests_failed_total{integration="sns"}': failed,
  };
  const input = Object.entries(series).map(([name, values]) => ({ series: name, values }));
  const samples = isSent ? [{ labels: '{}', value: 1 }] : [];
  const asks = [{ expr: `count(${query})`, eval_time: '29m45s', exp_samples: samples }];
  writeFileSync(
    join(home, 'test.yml'),
    stringify({ tests: [{ interval: '15s', input_series: input, promql_expr_test: asks }] }),
  );
  const { status, stdout, stderr } = spawnSync(promtool, ['test', 'rules', join(home, 'test.yml')], {
    encoding: 'utf8',
  });
  expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') });
});
