import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { equipWithHadoop } from '../../sandbox/demo/hadoop-equipment.ts';
import { tellHadoopStory } from '../../sandbox/demo/hadoop-story.ts';
import { narrator } from '../../sandbox/demo/narrator.ts';
import { prepare, type Prepared } from '../../sandbox/demo/prepare.ts';
import { equipWithSpark, together } from '../../sandbox/demo/spark-equipment.ts';
import { tellSparkJob } from '../../sandbox/demo/spark-story.ts';
import { openStage } from '../../sandbox/demo/stage.ts';
import { readDashboards } from '../../sandbox/grafana/panel-queries.ts';
import {
  differences,
  PENDING,
  RAISED,
  SOMETIMES,
  SOMETIMES_SERIES,
  WITHOUT_DATA,
  WITHOUT_SERIES,
} from '../../sandbox/grafana/without-data.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { type Hadoop, prepareHadoop } from '../../scripts/prepare/prepare-hadoop.ts';
import { prepareSpark, type Spark } from '../../scripts/prepare/prepare-spark.ts';
import { askPanels, seriesByName } from './panel-answers.ts';
import { reconfigure } from './reconfiguration.ts';
import { readRules } from './rule-answers.ts';

const cache = cacheFolder(process.env);
let prepared: Prepared;
let hadoop: Hadoop;
let spark: Spark;
beforeAll(async () => {
  prepared = await prepare(cache, process.env, ['node', 'jmx', 'graphite']);
  hadoop = await prepareHadoop(cache);
  spark = await prepareSpark(cache);
});

/** What Spark tells every ten seconds, and a rule looks at each minute, has to arrive first; the limit is for what never does. */
const ARRIVES = { timeout: 600_000, interval: 2_000 };

/** Panels, recorded series and alerts, as an operator would find them. */
async function lookAtEverything(url: string): Promise<void> {
  const dashboards = await readDashboards();
  const panels = async () => differences(seriesByName(await askPanels(url, dashboards)), WITHOUT_DATA, SOMETIMES);
  await expect.poll(panels, ARRIVES).toEqual([]);
  const recorded = async () => differences((await readRules(url)).recorded, WITHOUT_SERIES, SOMETIMES_SERIES);
  await expect.poll(recorded, ARRIVES).toEqual([]);
  // Load raises an alert for as long as its rule looks back; a rule that is wrong of a healthy cluster, until the end.
  const outcome = async () => {
    const { errors, raised } = await readRules(url);
    const wrong = raised.filter(({ name, state }) => state === 'firing' || !PENDING.includes(name));
    return { errors, raised: wrong.map(({ name }) => name) };
  };
  await expect.poll(outcome, ARRIVES).toEqual({ errors: [], raised: RAISED });
}

test(
  'the Hadoop daemons of a cluster become targets, jobs of YARN and Spark move their numbers, every panel shows something, no rule fails, and a reconfiguration that takes our block out of Spark’s file is undone by the order that its event asks for',
  { timeout: 3_600_000 },
  async () => {
    const lines: string[] = [];
    const tell = narrator((line) => void lines.push(line));
    const home = await mkdtemp(join(cache, 'e2e-'));
    onTestFinished(async () => await rm(home, { recursive: true }));
    const failures: unknown[] = [];
    const stage = await openStage({
      prepared,
      home,
      nodes: {
        kind: 'systemd',
        agent: 'stand-in',
        equip: (account) => together(equipWithHadoop(hadoop, account), equipWithSpark(spark, account)),
      },
      onLogLine: tell.logLine,
      onBoot: () => undefined,
      onFailure: (error) => void failures.push(error),
    });
    onTestFinished(async () => await stage.close());
    let reconfigured: unknown;
    const { targets, restarted, headlines } = await tellHadoopStory(stage, tell, async (id) => {
      reconfigured = await reconfigure(stage, id, lines);
      await tellSparkJob(stage, tell, id, () => lookAtEverything(stage.prometheus.url));
    });
    // The master has to wait for its own event: it was the event that brought the other's back.
    expect(reconfigured).toEqual({ taken: { master: false, core: false }, back: { master: false, core: true } });
    expect(targets.map((target) => target.split(' ').slice(1).join(' ')).toSorted()).toEqual([
      'CORE datanode',
      'CORE nodemanager',
      'MASTER historyserver',
      'MASTER namenode',
      'MASTER resourcemanager',
      'TASK nodemanager',
    ]);
    expect(restarted).toEqual([]);
    const [before, after] = [new Map<string, number>(), new Map<string, number>()];
    for (const { name, ...values } of headlines) {
      before.set(name, values.before);
      after.set(name, values.after);
    }
    expect(after.get('live DataNodes')).toBe(1);
    expect(after.get('active NodeManagers')).toBe(2);
    expect(after.get('applications that succeeded')).toBe((before.get('applications that succeeded') ?? 0) + 1);
    expect(after.get('files in HDFS')).toBeGreaterThan(before.get('files in HDFS') ?? Infinity);
    expect(after.get('containers that completed')).toBeGreaterThan(before.get('containers that completed') ?? Infinity);
    // Of a function, for Spark's job has tasks that fail. A machine with much else to do may not start a JVM in the time
    // that an install waits, or lets a connection go: then it is ordered again a minute later, and all were up above.
    const failed = lines.filter((line) => /(?:on-event|sweep): .*failed/i.test(line));
    expect(failed.filter((line) => !line.includes('does not answer for')).join('\n')).toBe('');
    expect(failures).toEqual([]);
  },
);
