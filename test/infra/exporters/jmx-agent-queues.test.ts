import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import type { RulesFile } from '../../../infra/exporters/jmx/rules/render-yaml.ts';
import { agentShell, type Conf, emptyConf } from './jmx-env-file.ts';

const FOLDER = resolve('infra/exporters');
/** Of the contract, as far as the queues need it. */
const CONTRACT = `eval "$(sed -n '/^holds()/p; /^replace_file()/,/^}/p' ${FOLDER}/contract.sh)"`;

let at: Conf;

beforeEach(async () => {
  at = await emptyConf();
  await mkdir(join(at.home, 'files'));
  await symlink(`${FOLDER}/jmx/queues.sh`, join(at.home, 'files/queues.sh'));
  await symlink(`${FOLDER}/jmx/rules`, join(at.home, 'rules'));
});

/** The exporter inside a ResourceManager that has these queues. */
async function exporterOf(queues: readonly string[]): Promise<number> {
  const page = queues
    .map((queue) => `yarn_resourcemanager_queue_applications_running{queue="${queue}"} 1.0\n`)
    .join('');
  const server = createServer((_request, answer) => answer.end(page)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** One order: the names that are left out from then on, by the rules. */
async function order(port: number, isOurs = true, pid = process.pid): Promise<readonly string[]> {
  const file = join(at.home, 'agent/resourcemanager.rules');
  const { code, stderr } = await agentShell(
    at,
    `${CONTRACT}; OURS=${isOurs} RULES=${file}; agent_queues ${pid} ${port}; cat "$RULES" >"$RULES.seen"`,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const rules = parse(await readFile(file, 'utf8'), { version: '1.1' }) as RulesFile;
  return (rules.excludeObjectNames ?? []).filter((name) => name.includes('q0='));
}

const leaves = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `root.b${String(index).padStart(3, '0')}`);
const COMMITTED = await readFile(`${FOLDER}/jmx/rules/resourcemanager.yml`, 'utf8');

test('in mode agent, too, the queues beyond the fiftieth are left out and counted, and the next order changes nothing', async () => {
  const dropped = await order(await exporterOf(['root', ...leaves(59)]));
  expect(dropped).toHaveLength(20);
  expect(dropped[0]).toContain('name=QueueMetrics,q0=root,q1=b049');
  const file = join(at.home, 'agent/resourcemanager.rules');
  expect(await readFile(file, 'utf8')).toMatch(
    /name: yarn_resourcemanager_queues_dropped\n(?: {4}.*\n)*? {4}value: "10"/,
  );
  const before = await stat(file);
  expect(await order(await exporterOf(['root', ...leaves(49)]))).toEqual(dropped);
  expect(await stat(file)).toEqual(before);
});

test('up to fifty queues, and before the daemon carries the agent, the rules are those that were shipped', async () => {
  const port = await exporterOf(['root', ...leaves(49)]);
  expect(await order(port)).toEqual([]);
  expect(await readFile(join(at.home, 'agent/resourcemanager.rules'), 'utf8')).toBe(COMMITTED);
  expect(await order(await exporterOf(leaves(99)), false)).toEqual([]);
});

test('what was dropped of one ResourceManager is shown by the next until it is counted', async () => {
  const port = await exporterOf(['root', ...leaves(59)]);
  expect(await order(port)).toHaveLength(20);
  const next = spawn('sleep', ['60'], { stdio: 'ignore' });
  onTestFinished(() => void next.kill());
  expect(await order(port, false, next.pid)).toEqual([]);
});
