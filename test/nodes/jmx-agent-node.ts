import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DaemonName } from '../../sandbox/hadoop/daemon-table.ts';
import { daemonProcesses } from '../../sandbox/hadoop/run-daemons.ts';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { type ArtifactServer, body } from './artifact-server.ts';
import { jmxLock, jmxRelease } from './jmx-jars.ts';
import { type DocumentRun, type RanDocument, runDocument } from './run-document.ts';

const HOME = '/opt/prometheus-on-emr/jmx';
export const CONF = '/etc/hadoop/conf';
const ENV_FILES = ['hadoop-env.sh', 'yarn-env.sh', 'mapred-env.sh'] as const;
export const PORTS = { namenode: 17_101, datanode: 17_102, resourcemanager: 17_103, historyserver: 17_105 } as const;
export const JAR = `${HOME}/1.0.1/agent.jar`;
export const rulesOf = (daemon: string): string => `${HOME}/agent/${daemon}.yml`;
export const agentOption = (daemon: keyof typeof PORTS): string =>
  `-javaagent:${JAR}=${PORTS[daemon]}:${rulesOf(daemon)}`;

export interface AgentOrders {
  install(parameters?: Readonly<Record<string, string>>): Promise<RanDocument>;
  uninstall(): Promise<RanDocument>;
}

/** Orders for the jmx document in mode agent. */
export async function agentOrders(node: SandboxNode, server: ArtifactServer): Promise<AgentOrders> {
  const release = await jmxRelease(cacheFolder(process.env));
  const run: DocumentRun = {
    lock: jmxLock(release),
    exporter: 'jmx',
    parameters: {
      UrlStandalone: server.on('/standalone', body(release.jars.standalone)),
      UrlAgent: server.on('/agent', body(release.jars.agent)),
      Mode: 'agent',
      Ports: Object.entries(PORTS)
        .map((pair) => pair.join('='))
        .join(','),
    },
  };
  return {
    install: async (parameters = {}) =>
      await runDocument(node, { ...run, parameters: { ...run.parameters, ...parameters } }),
    uninstall: async () => await runDocument(node, { ...run, action: 'uninstall', parameters: {} }),
  };
}

/** On the node, not as an argument: systemd would expand what looks like a variable to it. */
export async function shellOn(node: SandboxNode, line: string): Promise<string> {
  const { code, stdout, stderr } = await node.run(['bash', '-s'], { stdin: line });
  if (code !== 0) throw new Error(`${line}: exit code ${code}\n${stdout}${stderr}`);
  return stdout.trim();
}

/** The env files as they are, byte for byte. */
export const envFiles = async (node: SandboxNode): Promise<readonly string[]> =>
  await Promise.all(ENV_FILES.map((name) => readFile(join(node.root, CONF, name), 'latin1')));

/** The options of the daemon that runs now. */
export async function optionsOf(node: SandboxNode, name: DaemonName): Promise<string> {
  const pid = (await daemonProcesses(node))[name]?.pid;
  return await shellOn(node, `tr '\\0' ' ' </proc/${pid}/cmdline`);
}
