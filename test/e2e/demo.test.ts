import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { narrator } from '../../sandbox/demo/narrator.ts';
import { prepare } from '../../sandbox/demo/prepare.ts';
import { openStage, type Stage, type StageOptions } from '../../sandbox/demo/stage.ts';
import { tellStory } from '../../sandbox/demo/story.ts';

const cache = cacheFolder(process.env);
const lines: string[] = [];
const tell = narrator((line) => void lines.push(line));
const keepNothing = () => Promise.resolve();
let home: string;
let options: Omit<StageOptions, 'nodes'>;
let stage: Stage | undefined;

beforeAll(async () => {
  home = await mkdtemp(join(cache, 'e2e-'));
  const onFailure = (error: unknown): void => tell.say(`FAILED ${String(error)}`);
  options = {
    prepared: await prepare(cache, process.env),
    home,
    onLogLine: tell.logLine,
    onBoot: () => undefined,
    onFailure,
  };
}, 300_000);

afterAll(async () => {
  await stage?.close();
  await rm(home, { recursive: true, force: true });
});

test(
  'a cluster on systemd nodes starts, grows, loses a spot node and every event of another, and ends; its targets follow',
  { timeout: 400_000 },
  async () => {
    stage = await openStage({ ...options, nodes: { kind: 'systemd', agent: 'stand-in' } });
    const { chapters, labels } = await tellStory(stage, tell, keepNothing);
    expect(chapters.map(({ targets }) => targets)).toEqual([3, 5, 4, 5, 0]);
    expect([...labels.values()].map((own) => own['cluster_role']).toSorted()).toEqual(['CORE', 'MASTER', 'TASK']);
    expect(lines.filter((line) => line.includes('FAILED') || line.includes('reconcile failed'))).toEqual([]);
  },
);
