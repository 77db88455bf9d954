import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { seconds } from '../../sandbox/demo/narrator.ts';
import { prepare } from '../../sandbox/demo/prepare.ts';
import { REGISTRY_FOLDER } from '../../sandbox/nodes/world.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { playStory } from '../e2e/play-story.ts';
import { say } from './say.ts';

const TIMES = 3;

test(
  `the demo's story holds ${TIMES} times in a row, and each time no node is left`,
  { timeout: 900_000 },
  async () => {
    const prepared = await prepare(cacheFolder(process.env), process.env);
    for (let time = 1; time <= TIMES; time += 1) {
      const { chapters, lines } = await playStory(prepared, { kind: 'systemd', agent: 'stand-in' });
      say(
        `story ${time}: ${chapters.map(({ title, milliseconds }) => `${title} ${seconds(milliseconds)}`).join('; ')}`,
      );
      expect(chapters.map(({ targets }) => targets)).toEqual([3, 5, 4, 5, 0]);
      expect(lines.filter((line) => /FAILED|failed/.test(line))).toEqual([]);
      expect(await readdir(REGISTRY_FOLDER)).toEqual([]);
    }
  },
);
