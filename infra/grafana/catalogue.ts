import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { cluster } from './cluster.ts';
import { cost } from './cost.ts';
import { hdfs } from './hdfs.ts';
import { spark } from './spark.ts';
import { yarn } from './yarn.ts';

/** Every dashboard, in the order in which somebody would open them. */
export const DASHBOARDS: readonly Dashboard[] = [cluster, hdfs, yarn, spark, cost];
