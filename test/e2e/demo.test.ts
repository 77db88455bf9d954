import { exec } from 'node:child_process';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { leaveRunning } from '../../sandbox/demo/keep.ts';
import { PUT_OFF } from '../../sandbox/demo/narrator.ts';
import { publishPages } from '../../sandbox/demo/pages.ts';
import { prepare, type Prepared } from '../../sandbox/demo/prepare.ts';
import type { Stage, StageOptions } from '../../sandbox/demo/stage.ts';
import { startedWith, writeStandIn } from '../sandbox/demo/stand-in-grafana.ts';
import { playStory } from './play-story.ts';

let prepared: Prepared;

beforeAll(async () => {
  prepared = await prepare(cacheFolder(process.env), process.env);
});

/** What `--keep` ends with, its addresses opened and its commands typed; Grafana's release is a stand-in. */
async function lookAround(stage: Stage, home: string) {
  const closing = new AsyncDisposableStack();
  try {
    const pages = await publishPages(cacheFolder(process.env));
    closing.defer(() => pages.close());
    const folder = join(home, 'stand-in');
    await writeStandIn(folder);
    const said = await leaveRunning(stage, { prepared, home, pages, grafana: { folder } }, closing);
    const opened = [...said.matchAll(/^(\w.*): +(http:\S+)/gm)].map(async ([, name = '', url = '']) => {
      const { status } = await fetch(url);
      return [name, status] as const;
    });
    const addresses = Object.fromEntries(await Promise.all(opened));
    const commands = said.split('\n').filter((line) => / npm run /.test(line));
    const { env } = await startedWith(pages.urls.grafana);
    return {
      alerts: [...said.matchAll(/^ {2}(Emr\w+) +(?:firing|pending|inactive)$/gm)]
        .map(([, name = '']) => name)
        .toSorted(),
      addresses,
      typed: (await Promise.all(commands.map((line) => promisify(exec)(line)))).map(({ stdout }) => stdout),
      firstPage: await titleOf(env['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? ''),
    };
  } finally {
    await closing.disposeAsync();
  }
}

async function shippedAlerts(): Promise<readonly string[]> {
  const files = globSync('infra/prometheus/rules/*.yml').map((file) => readFile(file, 'utf8'));
  return [...(await Promise.all(files)).join('\n').matchAll(/^ +- alert: (\w+)$/gm)]
    .map(([, name = '']) => name)
    .toSorted();
}

const titleOf = async (file: string): Promise<unknown> =>
  (JSON.parse(await readFile(file, 'utf8')) as { readonly title: unknown }).title;

// Both at once: a story mostly waits, a real minute for the sweep among others.
describe.concurrent('a cluster starts, grows, loses a spot node and all events of another node, and ends', () => {
  test.each<[string, StageOptions['nodes']]>([
    ['its systemd nodes are targets while they run, labelled right', { kind: 'systemd', agent: 'stand-in' }],
    ['so are simulated nodes, where systemd nodes cannot run', { kind: 'simulated' }],
  ])('%s', { timeout: 1_800_000 }, async (_name, nodes) => {
    let seen: Partial<Awaited<ReturnType<typeof lookAround>>> = {};
    const look = async (stage: Stage, home: string): Promise<void> => void (seen = await lookAround(stage, home));
    const { chapters, labels, lines } = await playStory(prepared, nodes, look);
    expect(chapters.map(({ targets }) => targets)).toEqual([3, 5, 4, 5, 0]);
    // Their labels are checked as the story goes on; these are the nodes that there were.
    const roles = [...labels.values()].map((own) => String(own['cluster_role']));
    expect(roles.toSorted((a, b) => a.localeCompare(b))).toEqual(['CORE', 'MASTER', 'TASK', 'TASK', 'TASK', 'TASK']);
    expect(lines.filter((line) => /FAILED|failed/.test(line))).toEqual([]);
    // Its figures are those of a launch and a resize that need not wait for our share of EMR's quotas.
    const calm = lines.slice(
      0,
      lines.findIndex((line) => line.includes('spot node back')),
    );
    expect(calm.filter((line) => line.includes(PUT_OFF))).toEqual([]);
    expect(seen).toEqual({
      alerts: await shippedAlerts(),
      addresses: {
        Grafana: 200,
        'Clusters and nodes': 200,
        Prometheus: 200,
        Alertmanager: 200,
        'The account as JSON': 200,
      },
      typed: [
        expect.stringMatching(/1 cluster, 5 nodes: node: 5 installed\n[^]*nightly-etl +WAITING +5 /),
        expect.stringContaining('1 cluster with 5 nodes, 1 with nothing to do\n'),
      ],
      firstPage: await titleOf('infra/grafana/dashboards/emr-fleet.json'),
    });
  });
});
