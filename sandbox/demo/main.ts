import { join } from 'node:path';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { narrator } from './narrator.ts';
import { prepare } from './prepare.ts';
import { openStage } from './stage.ts';
import { tellStory } from './story.ts';
import { renderOutcome } from './table.ts';

/** Inside the nodes' world: opens the stage, tells the story, and says how it went. */
async function main(): Promise<void> {
  const cache = cacheFolder(process.env);
  const prepared = await prepare(cache, process.env);
  const tell = narrator(console.log);
  let fail: (error: unknown) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const stage = await openStage({
    prepared,
    parent: join(cache, 'demo'),
    agent: process.env['DEMO_SSM_AGENT'] ?? 'stand-in',
    onLogLine: tell.logLine,
    onBoot: tell.boot,
    onFailure: fail,
  });
  try {
    const outcome = await Promise.race([tellStory(stage, console.log), failure]);
    console.log(renderOutcome(outcome));
  } finally {
    await stage.close();
  }
}

await main();
