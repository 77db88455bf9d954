import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Spark } from '../../scripts/prepare/prepare-spark.ts';
import type { Bind, NodeFile } from '../nodes/node-files.ts';

export interface SparkNodeOptions {
  /** Address of the node with the standalone master; the node's own, for a cluster of one node. */
  readonly master: string;
  /** The node's own. */
  readonly address: string;
  /** Executors of one core each that the node has room for. 1 unless given. */
  readonly executors?: number;
}

export interface SparkNodeParts {
  readonly files: readonly NodeFile[];
  readonly binds: readonly Bind[];
}

/** Who submits jobs, as on EMR. */
export const SUBMITTER = 'hadoop';
/** Where a job finds its input, the same on every node, and where it leaves its output. */
export const INPUT = '/usr/share/spark-input';
export const OUTPUT = '/mnt/spark/output';

/**
 * What `bootNode` is given for a node on which Spark is installed where EMR has it, but not started yet: startSpark does.
 * The cluster is Spark's own, with its external shuffle service in each worker.
 */
export async function sparkNode(spark: Spark, options: SparkNodeOptions): Promise<SparkNodeParts> {
  return {
    binds: [
      { source: spark.home, target: '/usr/lib/spark' },
      { source: spark.python.program, target: '/usr/bin/python3' },
      { source: spark.python.library, target: '/usr/lib/python3.11' },
      { source: spark.jdk, target: '/usr/lib/jvm/java-17-openjdk' },
      { source: spark.jdkSettings, target: '/etc/java-17-openjdk' },
    ],
    files: [
      { path: '/etc/spark/conf/spark-defaults.conf', body: properties(defaults(options.master)) },
      { path: '/etc/spark/conf/spark-env.sh', body: `${await own('spark-env.sh')}SPARK_LOCAL_IP=${options.address}\n` },
      { path: '/etc/spark/conf/log4j2.properties', body: await own('log4j2.properties') },
      { path: '/usr/share/spark-job.py', body: await own('job.py') },
      ...['spark-submit', 'spark-class'].map(program),
      unit('master', 'spark', `--host ${options.address} --port 7077 --webui-port 8080`),
      // In a cluster of Spark's own, executors are of their worker's user, and driver and executors share files.
      unit(
        'worker',
        SUBMITTER,
        `--cores ${options.executors ?? 1} --memory 1g --webui-port 8081 spark://${options.master}:7077`,
      ),
      ...input(),
      ...USERS_AND_FOLDERS,
    ],
  };
}

const own = (name: string): Promise<string> => readFile(join(import.meta.dirname, 'node', name), 'utf8');

const program = (name: string): NodeFile => ({
  path: `/usr/bin/${name}`,
  body: `#!/bin/bash\nexec /usr/lib/spark/bin/${name} "$@"\n`,
  mode: 0o755,
});

/** For programs that live for seconds. */
const QUICK = '-XX:TieredStopAtLevel=1 -XX:+UseG1GC';

const properties = (all: Readonly<Record<string, string | number | boolean>>): string =>
  Object.entries(all)
    .map(([key, value]) => `${key} ${value}\n`)
    .join('');

/** As docs/exporters/graphite.md tells people to have it, with little memory, and work that is done in seconds. */
const defaults = (master: string) => ({
  'spark.master': `spark://${master}:7077`,
  'spark.driver.memory': '512m',
  'spark.driver.extraJavaOptions': QUICK,
  'spark.executor.memory': '512m',
  'spark.executor.cores': 1,
  'spark.executor.extraJavaOptions': QUICK,
  'spark.dynamicAllocation.enabled': true,
  'spark.dynamicAllocation.maxExecutors': 2,
  'spark.shuffle.service.enabled': true,
  'spark.sql.shuffle.partitions': 4,
  'spark.metrics.appStatusSource.enabled': true,
  'spark.sql.streaming.metricsEnabled': true,
  // Each node has its own files: a streaming query finds its state where its last batch left it, and only there.
  'spark.locality.wait': '1min',
  'spark.executor.metrics.fileSystemSchemes': 'file,hdfs,s3,s3a',
  'spark.executor.processTreeMetrics.enabled': true,
  'spark.ui.showConsoleProgress': false,
});

const unit = (daemon: 'master' | 'worker', user: string, args: string): NodeFile => ({
  path: `/etc/systemd/system/spark-${daemon}.service`,
  body: `[Unit]
Description=Spark ${daemon}
After=network-online.target

[Service]
User=${user}
ExecStart=/usr/bin/spark-class org.apache.spark.deploy.${daemon}.${daemon === 'master' ? 'Master' : 'Worker'} ${args}
SuccessExitStatus=143
TimeoutStopSec=20

[Install]
WantedBy=multi-user.target
`,
});

const FILES = 3;
const LINES = 2_000;

/** Files of visits, a second apart each: `seconds,page`. */
const input = (): readonly NodeFile[] =>
  Array.from({ length: FILES }, (_, file) => ({
    path: `${INPUT}/visits-${file}.csv`,
    body: Array.from({ length: LINES }, (__, line) => `${file * LINES + line},page${line % 17}\n`).join(''),
  }));

const folder = (path: string, user: string, mode = '0755'): string => `d ${path} ${mode} ${user} hadoop -\n`;

/** Made at boot by systemd itself. */
const USERS_AND_FOLDERS: readonly NodeFile[] = [
  {
    path: '/etc/sysusers.d/spark.conf',
    body: `g hadoop\n${['hadoop', 'spark'].map((user) => `u ${user} - - /var/lib/${user} /bin/bash\nm ${user} hadoop\n`).join('')}`,
  },
  // Else only after an update of the system.
  { path: '/etc/systemd/system/systemd-sysusers.service.d/always.conf', body: '[Unit]\nConditionNeedsUpdate=\n' },
  {
    path: '/etc/tmpfiles.d/spark.conf',
    body: [
      folder('/var/log/spark', 'spark', '0775'),
      ...['work', 'local', 'output', 'jobs'].map((name) => folder(`/mnt/spark/${name}`, SUBMITTER)),
    ].join(''),
  },
];
