import { beforeAll, describe, expect, test } from 'vitest';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { prepare, type Prepared } from '../../sandbox/demo/prepare.ts';
import type { StageOptions } from '../../sandbox/demo/stage.ts';
import { playStory } from './play-story.ts';

let prepared: Prepared;

beforeAll(async () => {
  prepared = await prepare(cacheFolder(process.env), process.env);
}, 300_000);

// Both at once: a story mostly waits, a real minute for the sweep among others.
describe.concurrent('a cluster starts, grows, loses a spot node and all events of another node, and ends', () => {
  test.each<[string, StageOptions['nodes']]>([
    ['its systemd nodes are targets while they run, labelled right', { kind: 'systemd', agent: 'stand-in' }],
    ['so are simulated nodes, where systemd nodes cannot run', { kind: 'simulated' }],
  ])('%s', { timeout: 400_000 }, async (_name, nodes) => {
    const { chapters, labels, lines } = await playStory(prepared, nodes);
    expect(chapters.map(({ targets }) => targets)).toEqual([3, 5, 4, 5, 0]);
    // Their labels are checked as the story goes on; these are the nodes that there were.
    const roles = [...labels.values()].map((own) => String(own['cluster_role']));
    expect(roles.toSorted((a, b) => a.localeCompare(b))).toEqual(['CORE', 'MASTER', 'TASK', 'TASK', 'TASK', 'TASK']);
    expect(lines.filter((line) => /FAILED|failed/.test(line))).toEqual([]);
  });
});
