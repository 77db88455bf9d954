import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { contentCommand } from '../../../scripts/content/content.ts';

type Texts = Readonly<Record<string, string>>;

export const RULES = `groups:
  - name: mine
    rules:
      - alert: Idle
        expr: emr_cluster:idle:bool == 1
        annotations: { runbook_url: docs/runbooks/Idle.md }
`;

export const DASHBOARD = `{
  "uid": "emr-mine",
  "title": "Mine",
  "templating": { "list": [{ "name": "cluster_id" }] },
  "panels": [
    { "title": "CPU", "expr": "up{cluster_id=~\\"$cluster_id\\"} and label_replace(x, \\"a\\", \\"$1\\", \\"b\\", \\"(.*)$\\")[$__range]" }
  ]
}
`;

export const PRICES = `instance_type,region,market,usd_per_hour
m5.xlarge,eu-west-1,SPOT,0.08
`;

/** What each checkout has, by its place in it. */
export const GOOD: Texts = {
  'infra/prometheus/rules/mine.rules.yml': RULES,
  'infra/grafana/dashboards/emr-mine.json': DASHBOARD,
};

/** A machine without promtool. */
export const noPromtool = { PATH: '', PROMETHEUS_ON_EMR_CACHE: '/nonexistent' };

/** A checkout with these files. */
export async function checkout(texts: Texts): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'content-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

/** A program in place of promtool. */
export async function promtoolThat(script: string): Promise<string> {
  const root = await checkout({ promtool: `#!/bin/sh\n${script}\n` });
  await chmod(join(root, 'promtool'), 0o755);
  return join(root, 'promtool');
}

/** What `npm run content -- check` says of a checkout with these files. */
export async function check(texts: Texts, promtool?: string): Promise<readonly string[]> {
  const said: string[] = [];
  const args = ['check', ...(promtool === undefined ? [] : ['--promtool', promtool])];
  await contentCommand(args, noPromtool, (line) => said.push(line), await checkout(texts));
  return said;
}
