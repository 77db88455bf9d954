import { area, leftOut, type Area } from './table.ts';

const STANDALONE = "of standalone Spark's daemons, and without an application: EMR runs Spark on YARN";

/** Not of drivers and executors, or not Spark's own. */
export const others: readonly Area[] = [
  area('Sources of plugins and applications', {
    of: 'process',
    leftOut: [
      leftOut('plugin.**', "spark.plugins' own metrics: any name, any number", 'plugin[.]'),
      leftOut(
        'AccumulatorSource.**',
        "an application's own accumulators: any name, any number",
        'AccumulatorSource[.]',
      ),
    ],
  }),
  area('Other daemons', {
    of: 'nobody',
    leftOut: [
      leftOut('master.* worker.* application.**', STANDALONE),
      leftOut(
        'shuffleService.**',
        "of the external shuffle service: on YARN it is a part of NodeManager, and its numbers are in that one's JMX",
      ),
      leftOut('jvm.** CodeGenerator.** HiveExternalCatalog.**', `${STANDALONE} (JvmSource for all of Spark)`),
    ],
  }),
];
