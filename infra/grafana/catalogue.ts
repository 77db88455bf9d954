import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { automation } from './automation.ts';
import { cluster } from './cluster.ts';
import { cost } from './cost.ts';
import { fleet } from './fleet.ts';
import { hdfs } from './hdfs.ts';
import { jvm } from './jvm.ts';
import { nodes } from './nodes.ts';
import { spark } from './spark.ts';
import { yarn } from './yarn.ts';

/** Every dashboard, in the order in which somebody would open them. */
export const DASHBOARDS: readonly Dashboard[] = [fleet, cluster, nodes, hdfs, yarn, jvm, spark, cost, automation];
