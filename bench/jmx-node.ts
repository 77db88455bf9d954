import { readdir, readFile } from 'node:fs/promises';
import { daemons as known } from '../infra/exporters/jmx/daemons.ts';
import { ALL_DAEMONS } from '../sandbox/hadoop/daemon-table.ts';
import { hadoopNode } from '../sandbox/hadoop/hadoop-node.ts';
import { runMapReduceJob } from '../sandbox/hadoop/map-reduce-job.ts';
import { startDaemons } from '../sandbox/hadoop/run-daemons.ts';
import { runScript } from '../sandbox/hadoop/run-script.ts';
import { bootNode, type SandboxNode } from '../sandbox/nodes/boot-node.ts';
import { cacheFolder } from '../scripts/cache-folder.ts';
import { prepareHadoop } from '../scripts/prepare/prepare-hadoop.ts';
import { linkTools } from '../test/nodes/run-document.ts';

export const UNIT = 'prometheus-on-emr-jmx';
/** Those that run here, with port and prefix. */
export const daemons = known.filter(({ name }) => ALL_DAEMONS.some((daemon) => daemon === name));

const ENV_FILE = '/etc/hadoop/conf/hadoop-env.sh';
/** For quick starts only; on a cluster the daemons' code is compiled as far as it gets. */
const QUICK = / -XX:TieredStopAtLevel=1/;

/** A node with five daemons, which have run a job. */
export async function bootHadoopNode(address: string, trust: string): Promise<SandboxNode> {
  const hadoop = await prepareHadoop(cacheFolder(process.env));
  const { files, binds } = await hadoopNode(hadoop, { master: address, provisioning: 'SUCCESSFUL' });
  const node = await bootNode({
    instanceId: 'i-00000000000000026',
    address,
    trust,
    upFor: 7200,
    binds,
    files: files.map((file) => (file.path === ENV_FILE ? { ...file, body: file.body.replace(QUICK, '') } : file)),
  });
  await linkTools(node);
  await startDaemons(node, ALL_DAEMONS);
  if ((await runScript(node, 'cat /proc/[0-9]*/cmdline')).includes('TieredStopAtLevel'))
    throw new Error(`${ENV_FILE} still has its flag for quick starts`);
  await runMapReduceJob(node);
  return node;
}

/** Our own id of what the node knows as the main process of this unit. */
export async function mainProcess(node: SandboxNode, unit: string): Promise<number> {
  const inside = await runScript(node, `systemctl show -P MainPID ${unit}`);
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    // Two ids: here and in the node.
    if (new RegExp(`^NSpid:\\s+${pid}\\s+${inside}$`, 'm').test(status)) return Number(pid);
  }
  throw new Error(`${unit} does not run`);
}

export const residentMb = async (pid: number): Promise<number> =>
  Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Of CPU time, in /proc/PID/stat: USER_HZ is 100 on every Linux that Node runs on. */
const TICK_MS = 10;

export interface Cpu {
  /** Of all its threads, those that have ended too. */
  readonly ownMs: number;
  /** Of children that have ended. */
  readonly childrenMs: number;
}

export async function cpuOf(pid: number): Promise<Cpu> {
  // The 14th to 17th field; the name before them may hold blanks.
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/.*\) /s, '').split(' ').map(Number);
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15);
  return { ownMs: (user + system) * TICK_MS, childrenMs: (childrenUser + childrenSystem) * TICK_MS };
}

/** Milliseconds of CPU of a process with one thread: exact, where ticks are a tenth of what is asked for. */
export const threadCpuMs = async (pid: number): Promise<number> =>
  Number((await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ')[0]) / 1e6;

/** A whole page, as Prometheus fetches it. */
export async function scrape(node: SandboxNode, port: number): Promise<string> {
  const url = `http://${node.address}:${port}/metrics`;
  return await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).text();
}

/** Does the page have the daemon's metrics? */
export const isAnswered = (page: string, prefix: string): boolean =>
  /^jmx_scrape_error 0\.0$/m.test(page) && page.includes(`\n${prefix}`);
