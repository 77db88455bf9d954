import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { narrator, seconds } from '../../sandbox/demo/narrator.ts';
import { prepare } from '../../sandbox/demo/prepare.ts';
import { openStage } from '../../sandbox/demo/stage.ts';
import { tellStory } from '../../sandbox/demo/story.ts';
import { REGISTRY_FOLDER } from '../../sandbox/nodes/world.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { say } from './say.ts';

const TIMES = 3;
const cache = cacheFolder(process.env);

test(
  `the demo's story holds ${TIMES} times in a row, and each time no node is left`,
  { timeout: 900_000 },
  async () => {
    const prepared = await prepare(cache, process.env);
    for (let time = 1; time <= TIMES; time += 1) {
      const { chapters, lines } = await story(prepared);
      say(
        `story ${time}: ${chapters.map(({ title, milliseconds }) => `${title} ${seconds(milliseconds)}`).join('; ')}`,
      );
      expect(chapters.map(({ targets }) => targets)).toEqual([3, 5, 4, 5, 0]);
      expect(lines.filter((line) => /FAILED|failed/.test(line))).toEqual([]);
      expect(await readdir(REGISTRY_FOLDER)).toEqual([]);
    }
  },
);

async function story(prepared: Awaited<ReturnType<typeof prepare>>) {
  const lines: string[] = [];
  const tell = narrator((line) => void lines.push(line));
  const home = await mkdtemp(join(cache, 'soak-'));
  const stage = await openStage({
    prepared,
    home,
    nodes: { kind: 'systemd', agent: 'stand-in' },
    onLogLine: tell.logLine,
    onBoot: () => undefined,
    onFailure: (error) => tell.say(`FAILED ${String(error)}`),
  });
  try {
    return { ...(await tellStory(stage, tell, () => Promise.resolve())), lines };
  } finally {
    await stage.close();
    await rm(home, { recursive: true, force: true });
  }
}
