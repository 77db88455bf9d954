import { dashboard } from './dashboard.ts';
import { replication, storage } from './hdfs/blocks.ts';
import { dataNodes } from './hdfs/datanodes.ts';
import { inside, threeMasters } from './hdfs/inside.ts';
import { now } from './hdfs/now.ts';
import { overview } from './hdfs/overview.ts';
import { OF_NODES } from './variables.ts';

export const hdfs = dashboard({
  name: 'hdfs',
  title: 'EMR / HDFS',
  description:
    'NameNode and DataNodes of one cluster: is HDFS whole, how full is it, who is slow. Role and node choose DataNodes only.',
  variables: OF_NODES,
  rows: [now, overview, storage, replication, dataNodes, inside, threeMasters],
});
