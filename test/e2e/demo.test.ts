import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { narrator } from '../../sandbox/demo/narrator.ts';
import { prepare, type Prepared } from '../../sandbox/demo/prepare.ts';
import { openStage, type StageOptions } from '../../sandbox/demo/stage.ts';
import { tellStory } from '../../sandbox/demo/story.ts';

const cache = cacheFolder(process.env);
const keepNothing = (): Promise<void> => Promise.resolve();
let prepared: Prepared;

beforeAll(async () => {
  prepared = await prepare(cache, process.env);
}, 300_000);

// Both at once: a story mostly waits, a real minute for the sweep among others.
describe.concurrent('a cluster starts, grows, loses a spot node and all events of another node, and ends', () => {
  test.each<[string, StageOptions['nodes']]>([
    ['its systemd nodes are targets while they run, labelled right', { kind: 'systemd', agent: 'stand-in' }],
    ['so are simulated nodes, where systemd nodes cannot run', { kind: 'simulated' }],
  ])('%s', { timeout: 400_000 }, async (_name, nodes) => {
    const { chapters, labels, lines } = await story(nodes);
    expect(chapters.map(({ targets }) => targets)).toEqual([3, 5, 4, 5, 0]);
    // Their labels are checked as the story goes on; these are the nodes that there were.
    const roles = [...labels.values()].map((own) => String(own['cluster_role']));
    expect(roles.toSorted((a, b) => a.localeCompare(b))).toEqual(['CORE', 'MASTER', 'TASK', 'TASK', 'TASK', 'TASK']);
    expect(lines.filter((line) => /FAILED|failed/.test(line))).toEqual([]);
  });
});

async function story(nodes: StageOptions['nodes']) {
  const lines: string[] = [];
  const tell = narrator((line) => void lines.push(line));
  const home = await mkdtemp(join(cache, 'e2e-'));
  const stage = await openStage({
    prepared,
    home,
    nodes,
    onLogLine: tell.logLine,
    onBoot: () => undefined,
    onFailure: (error) => tell.say(`FAILED ${String(error)}`),
  });
  try {
    return { ...(await tellStory(stage, tell, keepNothing)), lines };
  } finally {
    await stage.close();
    await rm(home, { recursive: true, force: true });
  }
}
