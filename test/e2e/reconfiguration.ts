import { members } from '../../sandbox/demo/cluster-of-three.ts';
import type { Stage } from '../../sandbox/demo/stage.ts';
import { runScript } from '../../sandbox/hadoop/run-script.ts';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { until } from '../../sandbox/until.ts';
import type { ClusterId, Role } from '../../shared/core/model.ts';

const FILE = '/etc/spark/conf/metrics.properties';
/** As EMR writes it, at the node's start and with each reconfiguration. */
const OF_EMR = '*.sink.csv.class=org.apache.spark.metrics.sink.CsvSink\n';

const hasBlock = async (node: SandboxNode): Promise<boolean> =>
  (await runScript(node, `grep -c '^# BEGIN prometheus-on-emr' ${FILE} || :`)).trim() === '1';

/**
 * Every node has its block. EMR reconfigures the CORE group, and its nodes' files are EMR's again; somebody takes the
 * master's block away besides, of which EMR tells nobody until its group is reconfigured, too. `told`: what the functions
 * say, for a young node is asked again now and then without any event.
 */
export async function reconfigure(stage: Stage, id: ClusterId, told: readonly string[]) {
  const { emr } = stage.account.compute;
  const place = (wanted: Role) => {
    const instance = members(stage, id).find(({ role }) => role === wanted)?.id ?? '';
    const [node, group] = [stage.hosts.node(instance), emr.groups(id).find(({ role }) => role === wanted)];
    if (node === undefined || group === undefined) throw new Error(`no ${wanted} node`);
    return { instance, node, group: group.id };
  };
  const [master, core] = [place('MASTER'), place('CORE')];
  const blocks = async () => ({ master: await hasBlock(master.node), core: await hasBlock(core.node) });
  await until('every node has its block', async () => Object.values(await blocks()).every(Boolean));
  const from = told.length;
  const take = `printf '${OF_EMR.replace('\n', '\\n')}' >${FILE}`;
  await Promise.all([master, core].map(({ node }) => runScript(node, take)));
  const taken = await blocks();
  emr.reconfigure(core.group);
  await until('the block is back', () => hasBlock(core.node));
  const back = await blocks();
  const isAsked = told.slice(from).some((line) => line.includes(`order graphite ${master.instance} `));
  emr.reconfigure(master.group);
  await until('the master’s block is back', () => hasBlock(master.node));
  return { taken, back: { ...back, master: back.master && !isAsked } };
}
