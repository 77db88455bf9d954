import { hadoop, hadoopLeftOut, rpcDetailedLeftOut } from './hadoop.ts';
import { bean, counter, gauge, leftOut, timed, type Bean, type DaemonRules } from './table.ts';

const SERVICE = 'Hadoop:service=NodeManager,name=';
const PREFIX = 'yarn_nodemanager_';

const containers = (attribute: string, state: string) =>
  gauge('containers', attribute, 'none', 'Containers by state.', { state });

const ended = (attribute: string, result: string) =>
  counter('containers_ended_total', attribute, 'none', 'Containers that ended, by result.', { result });

const node: Bean = bean(`${SERVICE}NodeManagerMetrics`, PREFIX, {
  metrics: [
    counter('containers_launched_total', 'ContainersLaunched', 'none', 'Containers launched.'),
    ended('ContainersCompleted', 'completed'),
    ended('ContainersFailed', 'failed'),
    ended('ContainersKilled', 'killed'),
    containers('ContainersIniting', 'initing'),
    containers('ContainersReIniting', 'reiniting'),
    containers('ContainersRunning', 'running'),
    containers('ContainersPaused', 'paused'),
    gauge('applications_running', 'ApplicationsRunning', 'none', 'Applications that have or had containers here.'),
    gauge('allocated_containers', 'AllocatedContainers', 'none', 'Containers to which memory is given.'),
    gauge('allocated_memory_bytes', 'AllocatedGB', 'gibibytes', 'Memory given to containers, in whole GiB.'),
    gauge('available_memory_bytes', 'AvailableGB', 'gibibytes', 'Memory that containers can still have, in whole GiB.'),
    gauge('allocated_vcores', 'AllocatedVCores', 'none', 'Vcores given to containers.'),
    gauge('available_vcores', 'AvailableVCores', 'none', 'Vcores that containers can still have.'),
    gauge(
      'containers_used_memory_bytes',
      'ContainerUsedMemGB',
      'gibibytes',
      'Memory that containers use, in whole GiB.',
    ),
    gauge(
      'containers_used_virtual_memory_bytes',
      'ContainerUsedVMemGB',
      'gibibytes',
      'Virtual memory that containers use, in whole GiB.',
    ),
    // ContainersMonitorImpl adds up the vcores of each: no share, whatever its name says.
    gauge('containers_used_vcores', 'ContainerCpuUtilization', 'none', 'Vcores that containers use.'),
    gauge('bad_local_directories', 'BadLocalDirs', 'none', 'Directories for data that are full or broken.'),
    gauge('bad_log_directories', 'BadLogDirs', 'none', 'Directories for logs that are full or broken.'),
    gauge(
      'local_directories_used_ratio',
      'GoodLocalDirsDiskUtilizationPerc',
      'percent',
      'Use of the good disks for data.',
    ),
    gauge('log_directories_used_ratio', 'GoodLogDirsDiskUtilizationPerc', 'percent', 'Use of the good disks for logs.'),
    ...timed('container_launch', 'ContainerLaunchDuration', 'milliseconds', 'Launches of containers'),
    ...timed('localization', 'LocalizationDurationMillis', 'milliseconds', 'Fetches of what a container needs'),
    gauge('localized_cache_bytes', 'CacheSizeBeforeClean', 'bytes', 'Fetched files before the last cleaning.'),
    counter(
      'localized_cache_hit_bytes_total',
      'LocalizedCacheHitBytes',
      'bytes',
      'Bytes that need not be fetched again.',
    ),
    counter('localized_cache_miss_bytes_total', 'LocalizedCacheMissBytes', 'bytes', 'Bytes fetched.'),
  ],
  leftOut: [
    leftOut('*Opportunistic* ContainersGuaranteedQueued ContainersRolledBackOnFailure', 'EMR does not use it'),
    leftOut('ContainersMonitorCostTime', 'profiling'),
    leftOut('LocalizedCache*Ratio LocalizedCache*Files', 'hit and miss bytes have it'),
    leftOut('Node*Utilization NodeUsed*GB', "the node's, which node_exporter has"),
    leftOut('*BytesDeleted', 'what the last cleaning freed'),
  ],
});

const shuffle: Bean = bean(`${SERVICE}ShuffleMetrics`, `${PREFIX}shuffle_`, {
  metrics: [
    gauge('connections', 'ShuffleConnections', 'none', 'Transfers of map output in progress.'),
    counter('output_bytes_total', 'ShuffleOutputBytes', 'bytes', 'Map output sent.'),
    counter('outputs_failed_total', 'ShuffleOutputsFailed', 'none', 'Transfers of map output that failed.'),
    counter('outputs_succeeded_total', 'ShuffleOutputsOK', 'none', 'Transfers of map output that succeeded.'),
  ],
});

// Spark's YarnShuffleService; where spark-defaults names it otherwise it is not seen. Not tested.
const sparkShuffle: Bean = bean(`${SERVICE}sparkShuffleService`, `${PREFIX}spark_shuffle_`, {
  metrics: [
    gauge('registered_executors', 'registeredExecutorsSize', 'none', 'Executors whose output is served.'),
    gauge('active_connections', 'numActiveConnections', 'none', 'Connections of executors.'),
    counter('transferred_bytes_total', 'blockTransferRateBytes_count', 'bytes', 'Shuffle blocks sent.'),
    counter('open_block_requests_total', 'openBlockRequestLatencyMillis_count', 'none', 'Requests for blocks.'),
    counter('exceptions_total', 'numCaughtExceptions', 'none', 'Errors of the shuffle service.'),
  ],
  leftOut: [leftOut('*', 'rates and percentiles of the same')],
});

export const nodeManager: DaemonRules = {
  daemon: 'nodemanager',
  isTested: true,
  beans: [...hadoop('NodeManager'), node, shuffle, sparkShuffle],
  leftOut: [
    ...hadoopLeftOut('NodeManager'),
    rpcDetailedLeftOut('NodeManager'),
    { objectName: `${SERVICE}ContainerResource_*`, reason: 'as many as there were containers' },
    { objectName: `${SERVICE}NodeManager`, reason: 'a setting' },
  ],
};
