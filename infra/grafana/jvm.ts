import { dashboard } from './dashboard.ts';
import { daemons } from './jvm/daemons.ts';
import { memory } from './jvm/memory.ts';
import { rpc } from './jvm/rpc.ts';
import { use } from './jvm/use.ts';
import { daemon, OF_NODES } from './variables.ts';

export const jvm = dashboard({
  name: 'jvm',
  title: 'EMR / JVM of the daemons',
  description: 'NameNode, DataNodes, ResourceManager, NodeManagers and the others as JVMs: heap, collections, RPC.',
  variables: [...OF_NODES, daemon],
  rows: [daemons, use, memory, rpc],
});
