import type { SandboxNode } from '../nodes/boot-node.ts';
import { type DaemonName, type HadoopDaemon, hadoopDaemons } from './daemon-table.ts';
import { runScript } from './run-script.ts';
import { until } from '../until.ts';

/** Which process a daemon is: never another one with the same pid, for the start time is in clock ticks since boot. */
interface DaemonProcess {
  readonly pid: number;
  readonly startTime: number;
}

export type DaemonProcesses = Readonly<Partial<Record<DaemonName, DaemonProcess>>>;

/** Starts them side by side and waits until each of them answers /jmx; formats HDFS where the NameNode is new. */
export async function startDaemons(node: SandboxNode, names: readonly DaemonName[]): Promise<void> {
  if (names.includes('namenode'))
    await runScript(
      node,
      '[ -d /mnt/namenode/current ] || su hdfs -c "hdfs namenode -format -nonInteractive" </dev/null',
    );
  await runScript(node, `systemctl start ${unitsOf(names)}`);
  await Promise.all(names.map((name) => untilUp(node, name)));
}

/** Each is gone when this returns. */
export const stopDaemons = (node: SandboxNode, names: readonly DaemonName[]): Promise<string> =>
  runScript(node, `systemctl stop ${unitsOf(names)}`);

/** What the daemon itself says of its MBeans. */
export async function readJmx(node: SandboxNode, name: DaemonName, query = '*:*'): Promise<readonly JmxBean[]> {
  const { httpPort }: HadoopDaemon = hadoopDaemons[name];
  const url = `http://${node.address}:${httpPort}/jmx?qry=${encodeURIComponent(query)}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return ((await answer.json()) as { readonly beans: readonly JmxBean[] }).beans;
}

export interface JmxBean {
  readonly name: string;
  readonly [attribute: string]: unknown;
}

/** Waits until so many DataNodes and NodeManagers have registered with the master's daemons. */
export async function untilJoined(master: SandboxNode, { dataNodes, nodeManagers }: Joined): Promise<void> {
  const reached = async (name: DaemonName, bean: string, attribute: string, count: number) =>
    Number((await readJmx(master, name, `Hadoop:service=${bean}`))[0]?.[attribute]) >= count || undefined;
  await Promise.all([
    until(`${dataNodes} DataNodes`, () =>
      reached('namenode', 'NameNode,name=FSNamesystemState', 'NumLiveDataNodes', dataNodes),
    ),
    until(`${nodeManagers} NodeManagers`, () =>
      reached('resourcemanager', 'ResourceManager,name=ClusterMetrics', 'NumActiveNMs', nodeManagers),
    ),
  ]);
}

export interface Joined {
  readonly dataNodes: number;
  readonly nodeManagers: number;
}

/** The daemons that run on the node under their own users: what must be the same at the end of a test as at its start. */
export async function daemonProcesses(node: SandboxNode): Promise<DaemonProcesses> {
  const lines = (await runScript(node, LIST_JAVA)).split('\n').map((line) => line.split(' '));
  const found = Object.entries(hadoopDaemons).flatMap(([name, { user }]) =>
    lines
      .filter(([command, owner]) => command === name && owner === user)
      .map(([, , pid, startTime]) => [name, { pid: Number(pid), startTime: Number(startTime) }] as const),
  );
  return Object.fromEntries(found);
}

/** Lines of: command, user, pid, start time. The 22nd field of stat is the 20th after the name, which may hold blanks. */
const LIST_JAVA = `for file in $(grep -lszm1 '^-Dproc_' /proc/[0-9]*/cmdline); do
  folder=\${file%/cmdline}
  command=$(tr '\\0' '\\n' <$file 2>/dev/null | grep -m1 '^-Dproc_') || continue
  stat=$(sed 's/.*) //' $folder/stat 2>/dev/null) && echo "\${command#-Dproc_} $(stat -c %U $folder) \${folder#/proc/} $(cut -d' ' -f20 <<<"$stat")"
done; :`;

const unitsOf = (names: readonly DaemonName[]): string => names.map((name) => hadoopDaemons[name].unit).join(' ');

const untilUp = (node: SandboxNode, name: DaemonName): Promise<true> =>
  until(`${name} on ${node.address}`, async () => {
    const beans = await readJmx(node, name, 'java.lang:type=Runtime').catch(() => []);
    if (beans.length > 0) return true;
    const { unit, folder, user }: HadoopDaemon = hadoopDaemons[name];
    if ((await node.run(['systemctl', 'is-active', unit])).stdout.trim() === 'active') return undefined;
    const log = await runScript(node, `tail -v -n 30 /var/log/${folder}/hadoop-${user}-${name}.{out,log} 2>&1 || :`);
    throw new Error(`${name} ended on ${node.address}:\n${log}`);
  });
