import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { narrator } from '../../sandbox/demo/narrator.ts';
import type { Prepared } from '../../sandbox/demo/prepare.ts';
import { openStage, type Stage, type StageOptions } from '../../sandbox/demo/stage.ts';
import { tellStory } from '../../sandbox/demo/story.ts';

/**
 * The demo's story from first to last, on a stage of its own that is closed whatever happens; `lines` is what it told.
 * `look` has its turn where `npm run demo -- --keep` would stop.
 */
export async function playStory(
  prepared: Prepared,
  nodes: StageOptions['nodes'],
  look: (stage: Stage, home: string) => Promise<void> = () => Promise.resolve(),
) {
  const lines: string[] = [];
  const tell = narrator((line) => void lines.push(line));
  const home = await mkdtemp(join(cacheFolder(process.env), 'e2e-'));
  const stage = await openStage({
    prepared,
    home,
    nodes,
    onLogLine: tell.logLine,
    onBoot: () => undefined,
    onFailure: (error) => tell.say(`FAILED ${String(error)}`),
  });
  try {
    return { ...(await tellStory(stage, tell, () => look(stage, home))), lines };
  } finally {
    await stage.close();
    await rm(home, { recursive: true, force: true });
  }
}
