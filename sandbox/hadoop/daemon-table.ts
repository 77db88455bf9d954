/** The daemons that run here, with what EMR calls their units, users and folders. */
export interface HadoopDaemon {
  readonly unit: string;
  readonly user: string;
  /** Below /var/run and /var/log. */
  readonly folder: string;
  readonly program: string;
  /** Of its web pages, with /jmx. */
  readonly httpPort: number;
}

export const hadoopDaemons = {
  namenode: {
    unit: 'hadoop-hdfs-namenode',
    user: 'hdfs',
    folder: 'hadoop-hdfs',
    program: 'hdfs',
    httpPort: 9870,
  },
  datanode: {
    unit: 'hadoop-hdfs-datanode',
    user: 'hdfs',
    folder: 'hadoop-hdfs',
    program: 'hdfs',
    httpPort: 9864,
  },
  resourcemanager: {
    unit: 'hadoop-yarn-resourcemanager',
    user: 'yarn',
    folder: 'hadoop-yarn',
    program: 'yarn',
    httpPort: 8088,
  },
  nodemanager: {
    unit: 'hadoop-yarn-nodemanager',
    user: 'yarn',
    folder: 'hadoop-yarn',
    program: 'yarn',
    httpPort: 8042,
  },
  historyserver: {
    unit: 'hadoop-mapreduce-historyserver',
    user: 'mapred',
    folder: 'hadoop-mapreduce',
    program: 'mapred',
    httpPort: 19_888,
  },
} as const satisfies Readonly<Record<string, HadoopDaemon>>;

export type DaemonName = keyof typeof hadoopDaemons;

export const MASTER_DAEMONS = ['namenode', 'resourcemanager', 'historyserver'] as const;
export const CORE_DAEMONS = ['datanode', 'nodemanager'] as const;
export const ALL_DAEMONS = [...MASTER_DAEMONS, ...CORE_DAEMONS] as const;
