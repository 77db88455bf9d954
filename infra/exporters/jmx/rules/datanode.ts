import { hadoop, hadoopLeftOut, rpcDetailedLeftOut } from './hadoop.ts';
import { bean, counter, gauge, leftOut, timed, type Bean, type DaemonRules } from './table.ts';

const SERVICE = 'Hadoop:service=DataNode,name=';
const PREFIX = 'hdfs_datanode_';

// Under a changing name (the DataNode's id) in every Hadoop; newer ones have it a second time without.
const dataset: Bean = bean(`${SERVICE}FSDatasetState-*`, PREFIX, {
  metrics: [
    gauge('capacity_bytes', 'Capacity', 'bytes', 'Capacity of the volumes.'),
    gauge('dfs_used_bytes', 'DfsUsed', 'bytes', 'Capacity in use by HDFS.'),
    gauge('remaining_bytes', 'Remaining', 'bytes', 'Capacity that HDFS can still use.'),
    gauge('failed_volumes', 'NumFailedVolumes', 'none', 'Volumes that failed.'),
    gauge(
      'last_volume_failure_timestamp_seconds',
      'LastVolumeFailureDate',
      'milliseconds since 1970',
      'When one failed.',
    ),
    gauge('estimated_capacity_lost_bytes', 'EstimatedCapacityLostTotal', 'bytes', 'Capacity of failed volumes.'),
    gauge('pending_deletions', 'PendingAsyncDeletions', 'none', 'Replicas to be deleted.'),
  ],
  leftOut: [
    leftOut('Cache* NumBlocksCached NumBlocksFailedTo*', 'central caching: few use it'),
    leftOut('LastDirScannerFinishTime', 'nobody acts on it'),
  ],
});

const blocks = (attribute: string, what: string) =>
  counter(`blocks_${what}_total`, attribute, 'none', `Blocks ${what.replaceAll('_', ' ')}.`);

const operation = (attribute: string, op: string, what: string) =>
  timed(`${op}_operations`, attribute, 'milliseconds', what);

// The name has the host and the port, which the target's labels have too.
const activity: Bean = bean(`${SERVICE}DataNodeActivity-*`, PREFIX, {
  metrics: [
    counter('read_bytes_total', 'BytesRead', 'bytes', 'Bytes read by clients and DataNodes.'),
    counter('written_bytes_total', 'BytesWritten', 'bytes', 'Bytes written by clients and DataNodes.'),
    counter('remote_read_bytes_total', 'RemoteBytesRead', 'bytes', 'Bytes read by clients of other hosts.'),
    counter('remote_written_bytes_total', 'RemoteBytesWritten', 'bytes', 'Bytes written by clients of other hosts.'),
    counter('read_seconds_total', 'TotalReadTime', 'milliseconds', 'Time spent reading blocks.'),
    counter('write_seconds_total', 'TotalWriteTime', 'milliseconds', 'Time spent writing blocks.'),
    blocks('BlocksRead', 'read'),
    blocks('BlocksWritten', 'written'),
    blocks('BlocksReplicated', 'replicated'),
    blocks('BlocksRemoved', 'removed'),
    blocks('BlocksVerified', 'verified'),
    counter('block_verification_failures_total', 'BlockVerificationFailures', 'none', 'Replicas found corrupt.'),
    counter('volume_failures_total', 'VolumeFailures', 'none', 'Volumes that failed since the start.'),
    counter('network_errors_total', 'DatanodeNetworkErrors', 'none', 'Errors of the network in transfers.'),
    gauge('active_transfers', 'DataNodeActiveXceiversCount', 'none', 'Transfers in progress (xceivers).'),
    ...operation('ReadBlockOp', 'read', 'Reads of a block'),
    ...operation('WriteBlockOp', 'write', 'Writes of a block'),
    ...timed('heartbeats', 'Heartbeats', 'milliseconds', 'Heartbeats to the NameNode'),
    ...timed('block_reports', 'BlockReports', 'milliseconds', 'Full block reports to the NameNode'),
    ...timed(
      'incremental_block_reports',
      'IncrementalBlockReports',
      'milliseconds',
      'Reports of new and deleted blocks',
    ),
    ...timed('flushes', 'FlushNanos', 'nanoseconds', 'Flushes to the operating system'),
    ...timed('fsyncs', 'FsyncNanos', 'nanoseconds', 'Syncs to disk'),
    ...timed(
      'packet_send_blocked',
      'SendDataPacketBlockedOnNetworkNanos',
      'nanoseconds',
      'Packets sent: wait for the network',
    ),
    ...timed('packet_ack_round_trip', 'PacketAckRoundTripTimeNanos', 'nanoseconds', 'Packets acknowledged'),
    counter('packets_slow_to_mirror_total', 'PacketsSlowWriteToMirror', 'none', 'Packets slow to the next DataNode.'),
    counter('packets_slow_to_disk_total', 'PacketsSlowWriteToDisk', 'none', 'Packets slow to disk.'),
    counter('slow_flushes_total', 'SlowFlushOrSyncCount', 'none', 'Flushes and syncs that took long.'),
    gauge('command_queue_length', 'SumOfActorCommandQueueLength', 'none', 'Commands of the NameNode that wait.'),
  ],
  leftOut: [
    leftOut(
      'RamDisk* BlocksCached BlocksUncached CacheReports* Ec*',
      'RAM disks, caching, erasure coding: few use them',
    ),
    leftOut('BlocksInPendingIBR Blocks*InPendingIBR BlocksGetLocalPathInfo', 'nobody acts on it'),
    leftOut(
      'BlockChecksumOp* CheckAndUpdateOp* ConvertTemporaryToRbwOp* Create*Op* FinalizeBlockOp* RecoverRbwOp* ' +
        'UnfinalizeBlockOp* UpdateReplicaUnderRecoveryOp* SendDataPacketTransferNanos*',
      'steps of reads and writes: profiling',
    ),
    leftOut('CopyBlockOp* ReplaceBlockOp*', 'moves by the balancer, which EMR does not run'),
    leftOut('DataNodePacketResponderCount DataNodeBlockRecoveryWorkerCount', 'parts of active_transfers, or rare'),
    leftOut('FsyncCount', 'fsyncs_total'),
    leftOut('ReadsFrom*Client WritesFrom*Client', 'the bytes of all and of other hosts say where clients are'),
    leftOut('HeartbeatsTotal* Lifelines* NumProcessedCommands ProcessedCommandsOp*', 'heartbeats_total'),
    leftOut('DataNodeReadActiveXceiversCount DataNodeWriteActiveXceiversCount', 'parts of active_transfers'),
    leftOut('PacketsReceived PacketsSlowWriteToOsCache SlowAckToUpstreamCount', 'nobody acts on it'),
    leftOut('ReadTransferRate*', 'read_bytes_total over read_seconds_total'),
  ],
});

const VOLUME = { volume: '$1' };

// A host has up to 24 disks, a page 150 series: two for each.
const volumes: Bean = bean(`${SERVICE}DataNodeVolume-*`, `${PREFIX}volume_`, {
  labels: VOLUME,
  metrics: [
    counter('io_errors_total', 'TotalFileIoErrors', 'none', 'Errors of the disk. Counted where profiling of it is on.'),
    gauge(
      'data_operations_average_seconds',
      'DataFileIoRateAvgTime',
      'milliseconds',
      'Average time of an operation on data. Where profiling of it is on.',
    ),
  ],
  leftOut: [
    leftOut(
      '*IoRate* TotalDataFileIos FileIoErrorRate* MetadataOperationRate* TotalMetadataOperations',
      'kinds of operations and their number: profiling',
    ),
  ],
});

export const dataNode: DaemonRules = {
  daemon: 'datanode',
  isTested: true,
  beans: [...hadoop('DataNode'), dataset, activity, volumes],
  leftOut: [
    ...hadoopLeftOut('DataNode'),
    rpcDetailedLeftOut('DataNode'),
    { objectName: `${SERVICE}FSDatasetState`, reason: 'the same as FSDatasetState-<id>, in newer Hadoop only' },
    { objectName: `${SERVICE}DataNodeInfo`, reason: 'JSON with every volume and peer, built at each read' },
  ],
};
