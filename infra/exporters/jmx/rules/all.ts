import { dataNode } from './datanode.ts';
import { hbaseMaster, hbaseRegionServer } from './hbase.ts';
import { historyServer } from './historyserver.ts';
import { hiveServer2 } from './hiveserver2.ts';
import { journalNode } from './journalnode.ts';
import { nameNode } from './namenode.ts';
import { nodeManager } from './nodemanager.ts';
import { resourceManager } from './resourcemanager.ts';
import type { DaemonRules } from './table.ts';
import { zkfc } from './zkfc.ts';

/** What is read of every daemon, and what is not. */
export const rulesOfDaemons: readonly DaemonRules[] = [
  nameNode,
  dataNode,
  resourceManager,
  nodeManager,
  historyServer,
  hiveServer2,
  hbaseMaster,
  hbaseRegionServer,
  journalNode,
  zkfc,
];
