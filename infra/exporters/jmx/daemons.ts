/** A Hadoop daemon that is watched: found by `-Dproc_<process>` among its java arguments, and by its user. */
export interface Daemon {
  /** The value of the label `daemon`. */
  readonly name: string;
  readonly process: string;
  readonly user: string;
  /** The port of its exporter; 7001 to 7008 are where older recipes' agents listen, and their users are ours. */
  readonly port: number;
  /** Every metric of its own begins with it. */
  readonly prefix: string;
}

const daemon = (name: string, user: string, port: number, prefix: string, process = name): Daemon => ({
  name,
  process,
  user,
  port,
  prefix,
});

/** HiveServer2, HBase, JournalNode and ZKFC could not be run where this was made: docs/unproven.md. */
export const daemons: readonly Daemon[] = [
  daemon('namenode', 'hdfs', 17_101, 'hdfs_namenode_'),
  daemon('datanode', 'hdfs', 17_102, 'hdfs_datanode_'),
  daemon('resourcemanager', 'yarn', 17_103, 'yarn_resourcemanager_'),
  daemon('nodemanager', 'yarn', 17_104, 'yarn_nodemanager_'),
  daemon('historyserver', 'mapred', 17_105, 'mapreduce_historyserver_'),
  daemon('hiveserver2', 'hive', 17_106, 'hive_server2_'),
  daemon('hbase-master', 'hbase', 17_107, 'hbase_master_', 'master'),
  daemon('hbase-regionserver', 'hbase', 17_108, 'hbase_regionserver_', 'regionserver'),
  daemon('journalnode', 'hdfs', 17_109, 'hdfs_journalnode_'),
  daemon('zkfc', 'hdfs', 17_110, 'hdfs_zkfc_'),
];
