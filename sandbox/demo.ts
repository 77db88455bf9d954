import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder } from '../scripts/cache-folder.ts';
import { HADOOP_HOST_PACKAGES, prepareHadoop } from '../scripts/prepare-hadoop.ts';
import { installMissing } from '../scripts/setup.ts';
import type { Told } from './demo/main.ts';
import { prepare } from './demo/prepare.ts';
import { publishPages } from './demo/pages.ts';
import { readHost, whyNoNodes } from './nodes/host-check.ts';
import { NODE_HOST_PACKAGES, prepareNodeImage } from './nodes/node-image.ts';
import { CANNOT_RUN } from './nodes/world.ts';

/** What a shell expects of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

const USAGE = `npm run demo [-- --keep] [-- --hadoop] [-- --ssm-agent DIR]

  --keep             leave everything running before the cluster would end; Prometheus's page, the account's state and
                     its API, for npm run status and backfill, are published on loopback until Ctrl-C
  --hadoop           another story: HDFS and YARN run on the nodes, their daemons become targets, and a job runs
  --ssm-agent DIR    put the real amazon-ssm-agent's programs from DIR on the nodes instead of the stand-in
`;

/** Prepares what the story needs, outside, where the network is; tells it inside the nodes' world. */
async function main(): Promise<number> {
  const options = readArguments();
  if (options === undefined) return 2;
  installMissing([...NODE_HOST_PACKAGES, ...(options.hadoop ? HADOOP_HOST_PACKAGES : [])]);
  const obstacle = whyNoNodes(readHost(process.env));
  if (obstacle !== undefined) {
    console.error(
      `${obstacle} ${options.hadoop ? 'Hadoop needs' : 'The story goes on with simulated nodes, not'} systemd nodes.`,
    );
    if (options.hadoop) return CANNOT_RUN;
  }
  const cache = cacheFolder(process.env);
  // The image comes from the network while the exporter may have to be built.
  const image = obstacle === undefined ? prepareNodeImage(cache) : undefined;
  const [prepared] = await Promise.all([prepare(cache, process.env, options.hadoop ? ['node', 'jmx'] : ['node']), image]);
  const hadoop = options.hadoop ? await prepareHadoop(cache) : undefined;
  const pages = options.keep ? await publishPages(cache) : undefined;
  const home = await mkdtemp(join(cache, 'demo-'));
  await chmod(home, 0o755);
  const told: Told = { prepared, home, pages, ssmAgent: options.ssmAgent, hadoop };
  const story = ['sandbox/demo/main.ts', JSON.stringify(told)];
  const command =
    obstacle === undefined
      ? ['sandbox/nodes/enter.ts', ...reach(options.ssmAgent), '--', process.execPath, ...story]
      : story;
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

function readArguments() {
  try {
    const { values } = parseArgs({
      options: { keep: { type: 'boolean' }, hadoop: { type: 'boolean' }, 'ssm-agent': { type: 'string' } },
    });
    const folder = values['ssm-agent'];
    return {
      keep: values.keep === true,
      hadoop: values.hadoop === true,
      ssmAgent: folder === undefined ? undefined : resolve(folder),
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return undefined;
  }
}

process.exitCode = await main();
