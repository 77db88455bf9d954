import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError } from '../shared/core/errors.ts';
import { cacheFolder } from '../scripts/cache-folder.ts';
import { parseCommand } from '../scripts/parse-command.ts';
import { prepareGrafana } from '../scripts/prepare/prepare-grafana.ts';
import { HADOOP_HOST_PACKAGES, prepareHadoop } from '../scripts/prepare/prepare-hadoop.ts';
import { prepareSpark, SPARK_HOST_PACKAGES, type SparkMajor } from '../scripts/prepare/prepare-spark.ts';
import { installMissing } from '../scripts/prepare/setup.ts';
import { reportAndExit } from '../scripts/report-and-exit.ts';
import type { Told } from './demo/main.ts';
import { prepare } from './demo/prepare.ts';
import { publishPages } from './demo/pages.ts';
import { readHost, whyNoNodes } from './nodes/host-check.ts';
import { NODE_HOST_PACKAGES, prepareNodeImage } from './nodes/node-image.ts';
import { CANNOT_RUN } from './nodes/world.ts';

/** What a shell expects of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

const USAGE = `npm run demo [-- --keep] [-- --hadoop] [-- --spark [4]] [-- --ssm-agent DIR]

  --keep             leave everything running before the cluster would end; pages (Grafana where its release can be
                     had), the account's state and its API, for npm run status and backfill, are published on loopback
                     until Ctrl-C, and every alert's state is told
  --hadoop           another story: HDFS and YARN run on the nodes, their daemons become targets, and a job runs
  --spark [4]        another story: a job of Spark 3.5, or 4.0, runs on the nodes, and its numbers move
  --ssm-agent DIR    put the real amazon-ssm-agent's programs from DIR on the nodes instead of the stand-in`;

/** Prepares what the story needs, outside, where the network is; tells it inside the nodes' world. */
async function main(): Promise<number> {
  const options = readArguments();
  const { hadoop, spark } = options;
  const more = [...(hadoop ? HADOOP_HOST_PACKAGES : []), ...(spark ? SPARK_HOST_PACKAGES : [])];
  installMissing([...NODE_HOST_PACKAGES, ...more]);
  const obstacle = whyNoNodes(readHost(process.env));
  if (obstacle !== undefined) {
    const mustBeReal = hadoop || spark !== undefined;
    const consequence = mustBeReal ? 'Hadoop and Spark need' : 'The story goes on with simulated nodes, not';
    console.error(`${obstacle} ${consequence} systemd nodes.`);
    if (mustBeReal) return CANNOT_RUN;
  }
  return await play(options, obstacle === undefined);
}

async function play({ keep, hadoop, spark, ssmAgent }: Options, onNodes: boolean): Promise<number> {
  const cache = cacheFolder(process.env);
  const exporters = ['node', ...(hadoop ? ['jmx'] : []), ...(spark ? ['graphite'] : [])];
  // The image comes from the network while the exporter may have to be built.
  const image = onNodes ? prepareNodeImage(cache) : undefined;
  const [prepared] = await Promise.all([prepare(cache, process.env, exporters), image]);
  const installed = {
    hadoop: hadoop ? await prepareHadoop(cache) : undefined,
    spark: spark && (await prepareSpark(cache, spark)),
  };
  const pages = keep ? await publishPages(cache) : undefined;
  const grafana = keep ? await prepareGrafana(cache) : undefined;
  const home = await mkdtemp(join(cache, 'demo-'));
  await chmod(home, 0o755);
  const told: Told = { prepared, home, pages, grafana, ssmAgent, ...installed };
  const story = ['sandbox/demo/main.ts', JSON.stringify(told)];
  const command = onNodes ? ['sandbox/nodes/enter.ts', ...reach(ssmAgent), '--', process.execPath, ...story] : story;
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'inherit', 'inherit'] });
  // Ctrl-C reaches the child too: it ends in order, and we end after it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = (await once(child, 'exit')) as [number | null];
  await pages?.close();
  return await tidy(code ?? 1, home);
}

/** What each part said is kept where the story failed. */
async function tidy(code: number, home: string): Promise<number> {
  if (code === 0 || code === INTERRUPTED) await rm(home, { recursive: true, force: true });
  else console.error(`The story failed: what each part said is in ${home}`);
  return code;
}

const reach = (folder: string | undefined): readonly string[] => (folder === undefined ? [] : ['--reach', folder]);

interface Options {
  readonly keep: boolean;
  readonly hadoop: boolean;
  readonly spark: SparkMajor | undefined;
  readonly ssmAgent: string | undefined;
}

const OPTIONS = {
  keep: { type: 'boolean', default: false },
  hadoop: { type: 'boolean', default: false },
  spark: { type: 'boolean', default: false },
  'ssm-agent': { type: 'string' },
} as const;

function readArguments(): Options {
  const { values, positionals } = parseCommand(
    { args: process.argv.slice(2), allowPositionals: true, options: OPTIONS },
    USAGE,
  );
  const { keep, hadoop, 'ssm-agent': folder } = values;
  const ssmAgent = folder === undefined ? undefined : resolve(folder);
  return { keep, hadoop, spark: readSpark(values.spark, positionals), ssmAgent };
}

function readSpark(isAsked: boolean, versions: readonly string[]): SparkMajor | undefined {
  if (versions.length > 0 && !(isAsked && versions.join(' ') === '4'))
    throw new ConfigError(`'${versions.join(' ')}' is not known here: only 4, behind --spark\n\n${USAGE}`);
  if (!isAsked) return undefined;
  return versions.length > 0 ? 4 : 3;
}

try {
  process.exitCode = await main();
} catch (error) {
  reportAndExit(error);
}
