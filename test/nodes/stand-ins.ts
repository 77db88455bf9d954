import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hadoopNode } from '../../sandbox/hadoop/hadoop-node.ts';
import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { prepareHadoop } from '../../scripts/prepare/prepare-hadoop.ts';
import { ask, HOURS, linkTools } from './run-document.ts';

// JVMs that look like Hadoop's daemons and are up in a moment: for what does not depend on what a daemon measures.
export const JDK = '/usr/lib/jvm/java-17-openjdk';
const HOME = '/usr/lib/stand-in';
const CLASS = 'org.apache.hadoop.StandIn';
const SOURCE = `package org.apache.hadoop;
import javax.management.*;
public class StandIn {
  public static void main(String[] arguments) throws Exception {
    register(arguments[0], arguments[1]);
    String more = System.getProperty("beans"); // a file, with lines of an attribute, a blank and a bean
    if (more != null)
      for (String line : java.nio.file.Files.readAllLines(java.nio.file.Path.of(more)))
        register(line.substring(line.indexOf(' ') + 1), line.substring(0, line.indexOf(' ')));
    Thread.sleep(Long.MAX_VALUE);
  }
  static void register(String name, String attribute) throws Exception {
    DynamicMBean bean = new javax.management.StandardMBean(() -> 7, Value.class) {
      public MBeanInfo getMBeanInfo() {
        MBeanAttributeInfo value = new MBeanAttributeInfo(attribute, "int", "", true, false, false);
        return new MBeanInfo("Bean", "", new MBeanAttributeInfo[] {value}, null, null, null);
      }
      public Object getAttribute(String name) { return 7; }
      public AttributeList getAttributes(String[] names) {
        return new AttributeList(java.util.List.of(new Attribute(attribute, 7)));
      }
    };
    java.lang.management.ManagementFactory.getPlatformMBeanServer().registerMBean(bean, new ObjectName(name));
  }
  public interface Value { int getValue(); }
}`;

export interface StandIn {
  readonly user: string;
  readonly bean: string;
  readonly attribute: string;
  /** The metric that its value, 7, becomes. */
  readonly metric: string;
}

export const standIns = {
  namenode: {
    user: 'hdfs',
    bean: 'Hadoop:service=NameNode,name=FSNamesystem',
    attribute: 'CapacityTotal',
    metric: 'hdfs_namenode_capacity_bytes',
  },
  datanode: {
    user: 'hdfs',
    bean: 'Hadoop:service=DataNode,name=FSDatasetState-1',
    attribute: 'Capacity',
    metric: 'hdfs_datanode_capacity_bytes',
  },
  resourcemanager: {
    user: 'yarn',
    bean: 'Hadoop:service=ResourceManager,name=QueueMetrics,q0=root',
    attribute: 'AppsSubmitted',
    metric: 'yarn_resourcemanager_queue_applications_submitted_total',
  },
  nodemanager: {
    user: 'yarn',
    bean: 'Hadoop:service=NodeManager,name=NodeManagerMetrics',
    attribute: 'ContainersLaunched',
    metric: 'yarn_nodemanager_containers_launched_total',
  },
  historyserver: {
    user: 'mapred',
    bean: 'Hadoop:service=JobHistoryServer,name=RpcDetailedActivityForPort10020',
    attribute: 'GetJobReportNumOps',
    metric: 'mapreduce_historyserver_requests_total',
  },
} as const satisfies Readonly<Record<string, StandIn>>;

export type StandInName = keyof typeof standIns;

/** A node with a JDK and Hadoop's users, on which no daemon runs yet. */
export async function bootStandInNode(number: number, trust: string): Promise<SandboxNode> {
  const address = `10.42.0.${number}`;
  const parts = await hadoopNode(await prepareHadoop(cacheFolder(process.env)), { master: address });
  const node = await bootNode({
    instanceId: `i-${String(number).padStart(17, '0')}`,
    address,
    trust,
    upFor: HOURS,
    ...parts,
  });
  await linkTools(node);
  await layStandIn(node);
  return node;
}

/** Compiled once for all files of tests: that is most of the processor time that such a node takes to boot. */
async function layStandIn(node: SandboxNode): Promise<void> {
  const cache = cacheFolder(process.env);
  const compiled = join(cache, `stand-in-${createHash('sha256').update(SOURCE).digest('hex').slice(0, 12)}`);
  const home = join(node.root, HOME);
  if (existsSync(compiled)) return await cp(compiled, home, { recursive: true });
  await writeFile(join(node.root, 'root/StandIn.java'), SOURCE);
  await ask(node, `mkdir ${HOME} && ${JDK}/bin/javac -d ${HOME} /root/StandIn.java`);
  const draft = join(await mkdtemp(join(cache, 'draft-')), 'stand-in');
  await cp(home, draft, { recursive: true });
  await rename(draft, compiled).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY') throw error; // another file of tests was first
  });
  await rm(dirname(draft), { recursive: true });
}

export interface StandInRun {
  /** The daemon's own, unless given. */
  readonly user?: string;
  /** Java's flags besides. */
  readonly flags?: string;
  /** Class path, main class and its arguments: another program than the stand-in's. */
  readonly program?: string;
  /** What systemd-run is told besides. */
  readonly unitOptions?: string;
  readonly java?: string;
  /** `stand-in-<name>` unless given. */
  readonly unit?: string;
}

/** Starts one as a unit `stand-in-<name>` and waits until it is the JVM that runs. */
export async function startStandIn(node: SandboxNode, name: StandInName, run: StandInRun = {}): Promise<void> {
  const { bean, attribute, user: own } = standIns[name];
  const { user = own, flags = '', unitOptions = '', java = `${JDK}/bin/java`, unit = `stand-in-${name}` } = run;
  const { program = `-cp ${HOME} ${CLASS} '${bean}' ${attribute}` } = run;
  const line = `${java} ${flags} -Dproc_${name} -Xmx32m -XX:+UseSerialGC ${program}`;
  await ask(
    node,
    `systemctl stop ${unit} 2>/dev/null; systemctl reset-failed ${unit} 2>/dev/null;
     systemd-run --quiet --unit=${unit} --uid=${user} -p KillSignal=KILL -p SuccessExitStatus=KILL ${unitOptions} ${line}`,
  );
  await until(node, `[ /proc/$(systemctl show -P MainPID ${unit})/exe -ef ${java} ]`);
}

export const stopStandIn = async (node: SandboxNode, name: StandInName): Promise<string> =>
  await ask(node, `systemctl stop stand-in-${name}`);

/** All JVMs run for more than ten seconds: a younger one is not attached to. */
export const OLD_ENOUGH = "! ps -C java -o etimes= | grep -qE '^ *([0-9]|10)$'";

/** Until this line of shell is true on the node: four minutes at most, for what hangs. */
export async function until(node: SandboxNode, line: string): Promise<void> {
  await ask(node, `SECONDS=0; until ${line}; do [ $SECONDS -lt 240 ] || exit 1; sleep 0.2; done`);
}
