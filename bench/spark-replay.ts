import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sinkRegex } from '../infra/exporters/graphite/paths/sink-regex.ts';
import type { Tier } from '../infra/exporters/graphite/paths/table.ts';
import { runScript } from '../sandbox/hadoop/run-script.ts';
import type { SandboxNode } from '../sandbox/nodes/boot-node.ts';
import { nameOf, readRecording, type Sent } from '../test/infra/exporters/spark-paths/recordings.ts';

const APPLICATIONS = 10;
const EXECUTORS = 5;
const SPARK = '3.5';
export const SETTING = `${APPLICATIONS} applications × (driver + ${EXECUTORS} executors), Spark ${SPARK}`;

/** The lines of one process, without times. */
export interface Process {
  readonly name: string;
  readonly lines: readonly string[];
}

/** What all processes would send: of the recording, what the sink's expression lets through. */
export async function processesOf(tier: Tier): Promise<readonly Process[]> {
  const regex = new RegExp(sinkRegex[tier]);
  const sent = (await readRecording(SPARK)).filter((one) => regex.test(nameOf(one)));
  const isOf = (owner: 'driver' | '1') => (one: Sent) => one.path.split('.')[1] === owner;
  return Array.from(
    { length: APPLICATIONS },
    (_, application) => `application_1700000000000_${1_000 + application}`,
  ).flatMap((application) =>
    ['driver', ...Array.from({ length: EXECUTORS }, (_, number) => `${number + 1}`)].map((executor) => ({
      name: `${application}.${executor}`,
      lines: sent
        .filter(isOf(executor === 'driver' ? 'driver' : '1'))
        .map(({ path, value }) => `${[application, executor, ...path.split('.').slice(2)].join('.')} ${value}`),
    })),
  );
}

/** Each process by a connection of its own, as its sink does; on the node itself, for nobody else may. */
export async function send(node: SandboxNode, all: readonly Process[]): Promise<void> {
  const folder = '/root/round';
  await mkdir(join(node.root, folder), { recursive: true });
  const now = Math.floor(Date.now() / 1000);
  for (const { name, lines } of all)
    await writeFile(join(node.root, folder, name), lines.map((line) => `${line} ${now}\n`).join(''));
  await runScript(node, `for file in ${folder}/*; do cat "$file" >/dev/tcp/127.0.0.1/9109; done`);
}
