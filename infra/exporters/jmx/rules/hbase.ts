import { jvmMetrics } from './hadoop.ts';
import { jvm, jvmLeftOut } from './jvm.ts';
import { bean, counter, gauge, leftOut, state, type Bean, type DaemonRules, type LeftOutBeans } from './table.ts';

// hbase.apache.org/book.html#hbase_metrics, and the sources' MetricsMasterSource and MetricsRegionServerSource.
const SERVICE = 'Hadoop:service=HBase,name=';
const MASTER = 'hbase_master_';
const REGION_SERVER = 'hbase_regionserver_';
const REST = leftOut('*', 'not known here, or profiling');

const rpc = (name: string, prefix: string): Bean =>
  bean(`${SERVICE}${name},sub=IPC`, `${prefix}rpc_`, {
    metrics: [
      gauge('general_queue_length', 'numCallsInGeneralQueue', 'none', 'Calls that wait.'),
      gauge('priority_queue_length', 'numCallsInPriorityQueue', 'none', 'Calls on system tables that wait.'),
      gauge('queue_bytes', 'queueSize', 'bytes', 'Size of the calls that wait.'),
      gauge('open_connections', 'numOpenConnections', 'none', 'Connections of clients.'),
      gauge('active_handlers', 'numActiveHandler', 'none', 'Threads that answer calls.'),
      counter('calls_total', 'TotalCallTime_num_ops', 'none', 'Calls.'),
      gauge('call_average_seconds', 'TotalCallTime_mean', 'milliseconds', 'Average time of a call, since the start.'),
      counter('received_bytes_total', 'receivedBytes', 'bytes', 'Bytes received.'),
      counter('sent_bytes_total', 'sentBytes', 'bytes', 'Bytes sent.'),
      counter(
        'authentication_failures_total',
        'authenticationFailures',
        'none',
        'Clients that failed to authenticate.',
      ),
    ],
    leftOut: [REST],
  });

const masterServer: Bean = bean(`${SERVICE}Master,sub=Server`, MASTER, {
  metrics: [
    state('is_active', 'tag.isActiveMaster', '1, with true or false as the label state.'),
    gauge('region_servers', 'numRegionServers', 'none', 'RegionServers by state.', { state: 'live' }),
    gauge('region_servers', 'numDeadRegionServers', 'none', 'RegionServers by state.', { state: 'dead' }),
    gauge('average_load', 'averageLoad', 'none', 'Regions per RegionServer.'),
    gauge('active_timestamp_seconds', 'masterActiveTime', 'milliseconds since 1970', 'When it became active.'),
    counter('requests_total', 'clusterRequests', 'none', 'Requests to all RegionServers.'),
  ],
  leftOut: [leftOut('masterStartTime', 'hadoop_process_start_time_seconds'), REST],
});

const assignment: Bean = bean(`${SERVICE}Master,sub=AssignmentManager`, MASTER, {
  metrics: [
    gauge('regions_in_transition', 'ritCount', 'none', 'Regions that no RegionServer serves.'),
    gauge('regions_in_transition_too_long', 'ritCountOverThreshold', 'none', 'Of these, those for more than a minute.'),
    gauge('regions_in_transition_oldest_age_seconds', 'ritOldestAge', 'milliseconds', 'For how long the oldest is so.'),
  ],
  leftOut: [REST],
});

const requests = (attribute: string, type: string) =>
  counter(
    'requests_total',
    attribute,
    'none',
    'Requests to the regions that are here, by type: less when one leaves.',
    { type },
  );

const slow = (attribute: string, operation: string) =>
  counter('slow_operations_total', attribute, 'none', 'Operations that took long.', { operation });

const regionServer: Bean = bean(`${SERVICE}RegionServer,sub=Server`, REGION_SERVER, {
  metrics: [
    gauge('regions', 'regionCount', 'none', 'Regions.'),
    gauge('stores', 'storeCount', 'none', 'Stores: column families of regions.'),
    gauge('store_files', 'storeFileCount', 'none', 'Store files.'),
    gauge('store_file_bytes', 'storeFileSize', 'bytes', 'Size of the store files.'),
    gauge('memstore_bytes', 'memStoreSize', 'bytes', 'Size of what is not in store files yet.'),
    gauge('wal_files', 'hlogFileCount', 'none', 'Write-ahead logs.'),
    gauge('wal_bytes', 'hlogFileSize', 'bytes', 'Size of the write-ahead logs.'),
    requests('readRequestCount', 'read'),
    requests('writeRequestCount', 'write'),
    counter(
      'blocked_requests_total',
      'blockedRequestCount',
      'none',
      'Requests to the regions that are here, refused, for memory was full.',
    ),
    gauge('compaction_queue_length', 'compactionQueueLength', 'none', 'Compactions that wait.'),
    gauge('flush_queue_length', 'flushQueueLength', 'none', 'Flushes that wait.'),
    counter(
      'updates_blocked_seconds_total',
      'updatesBlockedTime',
      'milliseconds',
      'Time in which writes were refused.',
    ),
    gauge('local_files_ratio', 'percentFilesLocal', 'percent', 'Share of the store files that are on this host.'),
    gauge('block_cache_bytes', 'blockCacheSize', 'bytes', 'Block cache in use.'),
    gauge('block_cache_free_bytes', 'blockCacheFreeSize', 'bytes', 'Block cache not in use.'),
    counter('block_cache_hits_total', 'blockCacheHitCount', 'none', 'Blocks found in the cache.'),
    counter('block_cache_misses_total', 'blockCacheMissCount', 'none', 'Blocks not found in the cache.'),
    counter('block_cache_evictions_total', 'blockCacheEvictionCount', 'none', 'Blocks taken out of the cache.'),
    slow('slowGetCount', 'get'),
    slow('slowPutCount', 'put'),
    slow('slowDeleteCount', 'delete'),
    slow('slowAppendCount', 'append'),
    slow('slowIncrementCount', 'increment'),
  ],
  leftOut: [REST],
});

const leftOutBeans: readonly LeftOutBeans[] = [
  ...jvmLeftOut,
  { objectName: `${SERVICE}RegionServer,sub=Regions`, reason: 'as many as there are regions' },
  { objectName: `${SERVICE}RegionServer,sub=Tables`, reason: 'as many as there are tables' },
  { objectName: `${SERVICE}RegionServer,sub=TableLatencies`, reason: 'as many as there are tables' },
  { objectName: `${SERVICE}RegionServer,sub=TableRequests`, reason: 'as many as there are tables' },
];

export const hbaseMaster: DaemonRules = {
  daemon: 'hbase-master',
  isTested: false,
  beans: [masterServer, assignment, rpc('Master', MASTER), ...jvm(), ...jvmMetrics('HBase')],
  leftOut: leftOutBeans,
};

export const hbaseRegionServer: DaemonRules = {
  daemon: 'hbase-regionserver',
  isTested: false,
  beans: [regionServer, rpc('RegionServer', REGION_SERVER), ...jvm(), ...jvmMetrics('HBase')],
  leftOut: leftOutBeans,
};
