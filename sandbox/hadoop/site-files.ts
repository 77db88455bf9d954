import type { NodeFile } from '../nodes/node-files.ts';

type Site = Readonly<Record<string, string | number | boolean>>;

/** For programs that live for seconds. */
const QUICK = '-XX:TieredStopAtLevel=1';

/** Hadoop's configuration of a cluster whose master has this host name: the same on all of its nodes, as on EMR. */
export const siteFiles = (master: string): readonly NodeFile[] => [
  site('core-site.xml', {
    'fs.defaultFS': `hdfs://${master}:8020`,
    'hadoop.tmp.dir': '/mnt/var/lib/hadoop/tmp',
  }),
  site('hdfs-site.xml', {
    'dfs.namenode.name.dir': 'file:///mnt/namenode',
    'dfs.datanode.data.dir': 'file:///mnt/hdfs',
    'dfs.replication': 1,
    'dfs.permissions.enabled': false,
    // Half a minute, else: there is nobody to wait for.
    'dfs.namenode.safemode.extension': 0,
  }),
  site('yarn-site.xml', {
    'yarn.resourcemanager.hostname': master,
    'yarn.nodemanager.aux-services': 'mapreduce_shuffle',
    'yarn.nodemanager.aux-services.mapreduce_shuffle.class': 'org.apache.hadoop.mapred.ShuffleHandler',
    'yarn.resourcemanager.nodemanagers.heartbeat-interval-ms': 200,
    'yarn.nodemanager.local-dirs': '/mnt/yarn',
    'yarn.nodemanager.log-dirs': '/var/log/hadoop-yarn/containers',
    'yarn.nodemanager.resource.memory-mb': 1536,
    'yarn.nodemanager.resource.cpu-vcores': 4,
    'yarn.nodemanager.vmem-check-enabled': false,
    'yarn.nodemanager.env-whitelist': 'JAVA_HOME,HADOOP_COMMON_HOME,HADOOP_HDFS_HOME,HADOOP_CONF_DIR',
    'yarn.scheduler.minimum-allocation-mb': 128,
    'yarn.application.classpath': '/etc/hadoop/conf,/usr/lib/hadoop/lib/*',
    // The disk is the machine's own, and may well be nine tenths full.
    'yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage': 99.5,
  }),
  site('capacity-scheduler.xml', {
    'yarn.scheduler.capacity.root.queues': 'default',
    'yarn.scheduler.capacity.root.default.capacity': 100,
    'yarn.scheduler.capacity.maximum-am-resource-percent': 0.5,
  }),
  site('mapred-site.xml', {
    'mapreduce.framework.name': 'yarn',
    'mapreduce.application.classpath': '/usr/lib/hadoop/lib/*',
    'mapreduce.jobhistory.address': `${master}:10020`,
    'mapreduce.jobhistory.webapp.address': `${master}:19888`,
    // Not below /tmp: whichever daemon came first would own that, and shut the others out.
    'mapreduce.jobhistory.intermediate-done-dir': '/history-intermediate',
    'mapreduce.jobhistory.done-dir': '/history-done',
    'yarn.app.mapreduce.am.staging-dir': '/user',
    'yarn.app.mapreduce.am.resource.mb': 512,
    'yarn.app.mapreduce.am.command-opts': `-Xmx256m ${QUICK} --add-opens=java.base/java.lang=ALL-UNNAMED`,
    'mapreduce.map.memory.mb': 256,
    'mapreduce.reduce.memory.mb': 256,
    // Of the 100 MB that it has else, one array is made: now and then there is no such place in 128 MB.
    'mapreduce.task.io.sort.mb': 16,
    'mapred.child.java.opts': `-Xmx128m ${QUICK}`,
  }),
];

/** A file of properties in Hadoop's form. */
export const site = (name: string, properties: Site): NodeFile => ({
  path: `/etc/hadoop/conf/${name}`,
  body: `<configuration>\n${Object.entries(properties)
    .map(([key, value]) => `  <property><name>${key}</name><value>${value}</value></property>\n`)
    .join('')}</configuration>\n`,
});
