import { members, until } from '../../sandbox/demo/cluster-of-three.ts';
import type { Stage } from '../../sandbox/demo/stage.ts';
import { runScript } from '../../sandbox/hadoop/run-script.ts';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import type { ClusterId, Role } from '../../shared/core/model.ts';

const FILE = '/etc/spark/conf/metrics.properties';
/** As EMR writes it, at the node's start and with each reconfiguration. */
const OF_EMR = '*.sink.csv.class=org.apache.spark.metrics.sink.CsvSink\n';
/** Its own event, the order, and what may have to wait for the sweep's next minute. */
const DEADLINE = 150_000;

const hasBlock = async (node: SandboxNode): Promise<boolean> =>
  (await runScript(node, `grep -c '^# BEGIN prometheus-on-emr' ${FILE} || :`)).trim() === '1';

/**
 * Every node has its block. EMR reconfigures the CORE group, and its nodes' files are EMR's again; somebody takes the
 * master's block away besides, of which EMR tells nobody.
 */
export async function reconfigure(stage: Stage, id: ClusterId) {
  const { emr } = stage.account.compute;
  const nodeOf = (wanted: Role): SandboxNode => {
    const node = stage.hosts.node(members(stage, id).find(({ role }) => role === wanted)?.id ?? '');
    if (node === undefined) throw new Error(`no ${wanted} node`);
    return node;
  };
  const [master, core] = [nodeOf('MASTER'), nodeOf('CORE')];
  await until('every node has its block', DEADLINE, async () => (await hasBlock(master)) && (await hasBlock(core)));
  const group = emr.groups(id).find(({ role }) => role === 'CORE');
  if (group === undefined) throw new Error('no CORE group');
  await Promise.all([master, core].map((node) => runScript(node, `printf '${OF_EMR.replace('\n', '\\n')}' >${FILE}`)));
  const taken = { master: await hasBlock(master), core: await hasBlock(core) };
  emr.reconfigure(group.id);
  await until('the block is back', DEADLINE, () => hasBlock(core));
  return { taken, back: { master: await hasBlock(master), core: await hasBlock(core) } };
}
