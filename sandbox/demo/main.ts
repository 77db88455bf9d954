import type { Grafana } from '../../scripts/prepare/prepare-grafana.ts';
import type { Hadoop } from '../../scripts/prepare/prepare-hadoop.ts';
import type { Spark } from '../../scripts/prepare/prepare-spark.ts';
import type { Account } from '../account/account.ts';
import { insideWorld } from '../nodes/world.ts';
import { equipWithHadoop } from './hadoop-equipment.ts';
import { renderHadoopOutcome, tellHadoopStory } from './hadoop-story.ts';
import { leaveRunning } from './keep.ts';
import { type Narrator, narrator } from './narrator.ts';
import type { Equipment } from './node-hosts.ts';
import type { Pages } from './pages.ts';
import type { Prepared } from './prepare.ts';
import { equipWithSpark, together } from './spark-equipment.ts';
import { renderSparkOutcome, tellSparkJob, tellSparkStory } from './spark-story.ts';
import { openStage, type Stage } from './stage.ts';
import { renderOutcome } from './table.ts';
import { tellStory } from './story.ts';

/** What sandbox/demo.ts found out and prepared outside. */
export interface Told {
  readonly prepared: Prepared;
  /** For logs, target files and Prometheus's data. */
  readonly home: string;
  readonly ssmAgent: string | undefined;
  /** With `hadoop`: on every node. */
  readonly hadoop: Hadoop | undefined;
  /** With `spark`: on every node. */
  readonly spark: Spark | undefined;
  /** With `keep`. */
  readonly pages: Pages | undefined;
  readonly grafana: Grafana | undefined;
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
  const equip = equipmentOf(told);
  const systemd = { kind: 'systemd', agent: told.ssmAgent ?? 'stand-in', ...(equip && { equip }) } as const;
  const closing = new AsyncDisposableStack();
  const stage = await openStage({
    prepared: told.prepared,
    home: told.home,
    nodes: insideWorld(process.env) ? systemd : { kind: 'simulated' },
    onLogLine: tell.logLine,
    onBoot: (node, milliseconds) => tell.say(`node ${node} booted in ${milliseconds} ms`),
    onFailure: fail,
  });
  closing.defer(() => stage.close());
  try {
    const keep = async (): Promise<void> => {
      const { pages, grafana } = told;
      if (pages === undefined || grafana === undefined) return;
      console.log(await leaveRunning(stage, { ...told, pages, grafana }, closing));
      await failure;
    };
    console.log(await Promise.race([storyOf(told)(stage, tell, keep), failure]));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    process.exitCode = 130;
  } finally {
    await closing.disposeAsync();
  }
}

function equipmentOf({ hadoop, spark }: Told): ((account: Account) => Equipment) | undefined {
  if (hadoop === undefined) return spark && ((account) => equipWithSpark(spark, account));
  if (spark === undefined) return (account) => equipWithHadoop(hadoop, account);
  return (account) => together(equipWithHadoop(hadoop, account), equipWithSpark(spark, account));
}

type Story = (stage: Stage, tell: Narrator, keep: () => Promise<void>) => Promise<string>;

/** Answers how it went. */
function storyOf({ hadoop, spark }: Told): Story {
  if (hadoop === undefined && spark === undefined) return async (...all) => renderOutcome(await tellStory(...all));
  if (hadoop === undefined) return async (...all) => renderSparkOutcome(await tellSparkStory(...all));
  if (spark === undefined) return async (...all) => renderHadoopOutcome(await tellHadoopStory(...all));
  return async (stage, tell, keep) => {
    let job = '';
    const outcome = await tellHadoopStory(stage, tell, async (id) => {
      job = renderSparkOutcome(await tellSparkJob(stage, tell, id, keep));
    });
    return `${renderHadoopOutcome(outcome)}\n${job}`;
  };
}

class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

await main(JSON.parse(process.argv[2] ?? '') as Told);
// A story that was interrupted still waits for what will not come.
process.exit();
