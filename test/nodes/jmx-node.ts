import { afterAll, afterEach, beforeAll } from 'vitest';
import { hadoopNode, type HadoopNodeOptions } from '../../sandbox/hadoop/hadoop-node.ts';
import { runScript } from '../../sandbox/hadoop/run-script.ts';
import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { until as untilAnswered } from '../../sandbox/until.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { prepareHadoop } from '../../scripts/prepare/prepare-hadoop.ts';
import { startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import type { JmxRelease } from './jmx-jars.ts';
import { jmxOrders, type JmxOrders } from './jmx-orders.ts';
import { ask, HOURS, linkTools, metricsOf, runDocument, type RanDocument } from './run-document.ts';
import { startStandIn, until, type StandInName, type StandInRun } from './stand-ins.ts';
import { watchDaemons, type DaemonWatch } from './unharmed.ts';

interface Parts {
  readonly node: SandboxNode;
  readonly server: ArtifactServer;
  readonly orders: JmxOrders;
  readonly daemons: DaemonWatch;
}

/** The node of a file of tests, booted before them and dead after. */
export interface JmxNode extends Parts {
  /** Runs the install document, with jmx_exporter as it is locked unless another release is given. */
  install(parameters?: Readonly<Record<string, string>>, release?: JmxRelease): Promise<RanDocument>;
  /** As `install`, until so many endpoints are told: an order waits for 40 s and asks to be given again, where JVMs are slow. */
  installAll(parameters: Readonly<Record<string, string>>, endpoints: number): Promise<RanDocument>;
  uninstall(): Promise<RanDocument>;
  /** Starts a stand-in, which must stay from now on. */
  start(name: StandInName, run?: StandInRun): Promise<void>;
  /** What a shell line on the node says. */
  ask(line: string): Promise<string>;
  /** As `ask`, for lines in which systemd would expand what looks like a variable. */
  script(lines: string): Promise<string>;
  /** Until a shell line on the node is true. */
  until(line: string): Promise<void>;
  pidOf(unit: string): Promise<string>;
  /** Nothing where nobody answers. */
  page(port: number): Promise<string>;
}

/** After each test, every daemon that the test did not end itself has the process id and the start time it had. */
export function jmxNode(boot: (trust: string) => Promise<SandboxNode>): JmxNode {
  let parts: Parts | undefined;
  const own = (): Parts => {
    if (parts === undefined) throw new Error('the node is booted before the first test only');
    return parts;
  };
  beforeAll(async () => {
    const server = await startArtifactServer();
    const [node, orders] = await Promise.all([boot(server.authority), jmxOrders(server)]);
    parts = { node, server, orders, daemons: watchDaemons(node) };
  });
  afterEach(async () => {
    await own().daemons.expectUnharmed();
  });
  afterAll(async () => {
    await parts?.node.kill();
    parts?.server.close();
  });
  const onNode = async (line: string): Promise<string> => await ask(own().node, line);
  const install = async (parameters?: Readonly<Record<string, string>>, release?: JmxRelease): Promise<RanDocument> =>
    await runDocument(own().node, own().orders.install(parameters, release));
  return {
    get node() {
      return own().node;
    },
    get server() {
      return own().server;
    },
    get orders() {
      return own().orders;
    },
    get daemons() {
      return own().daemons;
    },
    install,
    installAll: async (parameters, endpoints) =>
      await untilAnswered(`${endpoints} endpoints`, async () => {
        const ran = await install(parameters);
        return (ran.code !== 0 || ran.report?.endpoints.length === endpoints) && ran;
      }),
    uninstall: async () => await runDocument(own().node, own().orders.uninstall),
    async start(name, run) {
      await startStandIn(own().node, name, run);
      await own().daemons.remember(name);
    },
    ask: onNode,
    script: async (lines) => await runScript(own().node, lines),
    until: async (line) => await until(own().node, line),
    pidOf: async (unit) => await onNode(`systemctl show -P MainPID ${unit}`),
    page: async (port) => await metricsOf(own().node, port).catch(() => ''),
  };
}

/** A node on which Hadoop is installed and none of its daemons runs yet. */
export async function bootHadoopNode(
  number: number,
  trust: string,
  options: Partial<HadoopNodeOptions> = {},
): Promise<SandboxNode> {
  const address = `10.42.0.${number}`;
  const parts = await hadoopNode(await prepareHadoop(cacheFolder(process.env)), { master: address, ...options });
  const node = await bootNode({
    instanceId: `i-${String(number).padStart(17, '0')}`,
    address,
    trust,
    upFor: HOURS,
    ...parts,
  });
  await linkTools(node);
  return node;
}
