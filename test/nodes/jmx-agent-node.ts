import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import type { JmxNode } from './jmx-node.ts';
import { JDK } from './stand-ins.ts';

const HOME = '/opt/prometheus-on-emr/jmx';
export const CONF = '/etc/hadoop/conf';
const ENV_FILES = ['hadoop-env.sh', 'yarn-env.sh', 'mapred-env.sh'] as const;
export const PORTS = { namenode: 17_101, datanode: 17_102, resourcemanager: 17_103, historyserver: 17_105 } as const;
/** Parameters of an order for mode agent. */
export const AGENT = {
  Mode: 'agent',
  Ports: Object.entries(PORTS)
    .map((pair) => pair.join('='))
    .join(','),
};
export const JAR = `${HOME}/1.0.1/agent.jar`;
export const rulesOf = (daemon: string): string => `${HOME}/agent/${daemon}.yml`;
export const agentOption = (daemon: keyof typeof PORTS): string =>
  `-javaagent:${JAR}=${PORTS[daemon]}:${rulesOf(daemon)}`;

/** The env files as they are, byte for byte. */
export const envFiles = async (node: SandboxNode): Promise<readonly string[]> =>
  await Promise.all(ENV_FILES.map((name) => readFile(join(node.root, CONF, name), 'latin1')));

/** Where the agent below leaves what it runs in. */
export const SEEN = '/var/tmp/seen';
/** Without -Dproc_namenode, so in the canary, it may be told to hang. */
const OTHER_AGENT = `import java.nio.file.*;
public class Other {
  public static void premain(String told) throws Exception {
    boolean isCanary = System.getProperty("proc_namenode") == null;
    if (isCanary) for (String file : new String[] { "cmdline", "status", "oom_score_adj", "environ" })
      Files.write(Paths.get("${SEEN}/" + file), Files.readAllBytes(Paths.get("/proc/self/" + file)));
    if (isCanary && "hang".equals(told)) Thread.sleep(Long.MAX_VALUE);
  }
}`;
export const OTHER = '/usr/lib/other/agent.jar';

/** Lays an agent of somebody else's at OTHER. */
export const layOtherAgent = async (jmx: JmxNode): Promise<string> =>
  await jmx.script(
    `mkdir /usr/lib/other && install -d -o hdfs ${SEEN} && cd /root && cat >Other.java <<'END' && ${JDK}/bin/javac Other.java
${OTHER_AGENT}
END
     echo 'Premain-Class: Other' >manifest && ${JDK}/bin/jar cfm ${OTHER} manifest Other*.class`,
  );
