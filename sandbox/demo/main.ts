import { insideWorld } from '../nodes/world.ts';
import { narrator } from './narrator.ts';
import type { Prepared } from './prepare.ts';
import { serveState } from './state-page.ts';
import { openStage } from './stage.ts';
import { renderOutcome } from './table.ts';
import { tellStory } from './story.ts';

/** What sandbox/demo.ts found out and prepared outside. */
export interface Told {
  readonly prepared: Prepared;
  /** For logs, target files and Prometheus's data. */
  readonly home: string;
  readonly ssmAgent: string | undefined;
  /** Folder of the sockets that lead outside, with `keep`. */
  readonly pages: string | undefined;
}

/** Opens the stage, tells the story, and says how it went; whatever happens, nothing is left behind. */
async function main(told: Told): Promise<void> {
  const tell = narrator(console.log);
  let fail: (error: unknown) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failure.catch(() => undefined); // it may happen while nobody is waiting for it
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => fail(new Interrupted(signal)));
  const stage = await openStage({
    prepared: told.prepared,
    home: told.home,
    nodes: insideWorld(process.env) ? { kind: 'systemd', agent: told.ssmAgent ?? 'stand-in' } : { kind: 'simulated' },
    onLogLine: tell.logLine,
    onBoot: (node, milliseconds) => tell.say(`node ${node} booted in ${milliseconds} ms`),
    onFailure: fail,
  });
  try {
    const keep = async (): Promise<void> => {
      if (told.pages === undefined) return;
      await serveState(stage, told.pages);
      console.log('\nEverything is left running. Ctrl-C ends it.');
      await failure;
    };
    const outcome = await Promise.race([tellStory(stage, tell, keep), failure]);
    console.log(renderOutcome(outcome));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    process.exitCode = 130;
  } finally {
    await stage.close();
  }
}

class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

await main(JSON.parse(process.argv[2] ?? '') as Told);
// A story that was interrupted still waits for what will not come.
process.exit();
