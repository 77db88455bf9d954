import { jvmLeftOut, jvm } from './jvm.ts';
import type { DaemonRules } from './table.ts';

/** The ZooKeeper fail-over controller starts no metrics system: nothing but its JVM's numbers. */
export const zkfc: DaemonRules = {
  daemon: 'zkfc',
  isTested: false,
  beans: jvm('hdfs_zkfc_'),
  leftOut: jvmLeftOut,
};
