import { exec } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { PUT_OFF } from '../../sandbox/demo/narrator.ts';
import { publishPages } from '../../sandbox/demo/pages.ts';
import { prepare, type Prepared } from '../../sandbox/demo/prepare.ts';
import type { Stage, StageOptions } from '../../sandbox/demo/stage.ts';
import { serveStage } from '../../sandbox/demo/state-page.ts';
import { terminalLines } from '../../sandbox/demo/terminal-lines.ts';
import { playStory } from './play-story.ts';

let prepared: Prepared;

beforeAll(async () => {
  prepared = await prepare(cacheFolder(process.env), process.env);
});

/** What `--keep` tells people to type in another terminal, typed: each command's answer. */
async function typeLines(stage: Stage, lock: string): Promise<readonly string[]> {
  const pages = await publishPages(cacheFolder(process.env));
  try {
    await serveStage(stage, pages.folder);
    const said = terminalLines(stage, pages.urls.api, lock).map((line) => promisify(exec)(line));
    return (await Promise.all(said)).map(({ stdout }) => stdout);
  } finally {
    await pages.close();
  }
}

// Both at once: a story mostly waits, a real minute for the sweep among others.
describe.concurrent('a cluster starts, grows, loses a spot node and all events of another node, and ends', () => {
  test.each<[string, StageOptions['nodes']]>([
    ['its systemd nodes are targets while they run, labelled right', { kind: 'systemd', agent: 'stand-in' }],
    ['so are simulated nodes, where systemd nodes cannot run', { kind: 'simulated' }],
  ])('%s', { timeout: 1_800_000 }, async (_name, nodes) => {
    let typed: readonly string[] = [];
    const look = async (stage: Stage): Promise<void> => void (typed = await typeLines(stage, prepared.lock));
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
    expect(typed).toEqual([
      expect.stringMatching(/1 cluster, 5 nodes: node: 5 installed\n[^]*nightly-etl +WAITING +5 /),
      expect.stringContaining('1 cluster with 5 nodes, 1 with nothing to do\n'),
    ]);
  });
});
