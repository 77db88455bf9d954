import { allocation, applicationMaster, appStatus, blockManager, dagScheduler } from './driver.ts';
import { executor, filesystem } from './executor.ts';
import { executorMetrics, jvm, jvmCpu } from './jvm.ts';
import { listeners } from './listeners.ts';
import { others } from './others.ts';
import { shuffle, shuffleTransport } from './shuffle.ts';
import { codeGenerator, hiveCatalog } from './sql.ts';
import { dStreams, streamingQueries } from './streaming.ts';
import type { Area } from './table.ts';

/** Everything that Spark sends, and what becomes of it. */
export const areas: readonly Area[] = [
  executor,
  shuffle,
  filesystem,
  jvm,
  jvmCpu,
  executorMetrics,
  appStatus,
  dagScheduler,
  allocation,
  applicationMaster,
  blockManager,
  listeners,
  streamingQueries,
  dStreams,
  hiveCatalog,
  codeGenerator,
  ...shuffleTransport,
  ...others,
];
