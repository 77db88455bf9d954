import { hadoop, hadoopLeftOut, rpcDetailedLeftOut } from './hadoop.ts';
import { nameNodeActivity } from './namenode-activity.ts';
import { bean, counter, flag, gauge, leftOut, state, type Bean, type DaemonRules } from './table.ts';

const SERVICE = 'Hadoop:service=NameNode,name=';
const PREFIX = 'hdfs_namenode_';
const PARTS = 'a part of the number that has both replicated and erasure coded blocks';

const namesystem: Bean = bean(`${SERVICE}FSNamesystem`, PREFIX, {
  metrics: [
    state('ha_state', 'tag.HAState', '1, with the state as a label: active, standby, observer.'),
    gauge('capacity_bytes', 'CapacityTotal', 'bytes', 'Capacity of all DataNodes.'),
    gauge('capacity_used_bytes', 'CapacityUsed', 'bytes', 'Capacity in use by HDFS.'),
    gauge('capacity_remaining_bytes', 'CapacityRemaining', 'bytes', 'Capacity that HDFS can still use.'),
    gauge('capacity_used_non_dfs_bytes', 'CapacityUsedNonDFS', 'bytes', 'Capacity in use by anything but HDFS.'),
    gauge('estimated_capacity_lost_bytes', 'EstimatedCapacityLostTotal', 'bytes', 'Capacity of failed volumes.'),
    gauge('files', 'FilesTotal', 'none', 'Files and directories.'),
    gauge('files_under_construction', 'NumFilesUnderConstruction', 'none', 'Files being written.'),
    gauge('active_clients', 'NumActiveClients', 'none', 'Clients that are writing.'),
    gauge('blocks', 'BlocksTotal', 'none', 'Blocks.'),
    gauge('blocks_max', 'BlockCapacity', 'none', 'Blocks for which the map has room.'),
    gauge(
      'blocks_missing',
      'MissingBlocks',
      'none',
      'Blocks without a good replica within reach: they cannot be read.',
    ),
    gauge(
      'missing_blocks_replication_one',
      'MissingReplOneBlocks',
      'none',
      'Missing blocks of files with one replica.',
    ),
    gauge('blocks_missing_replicated', 'MissingReplicatedBlocks', 'none', 'Missing blocks that are replicated.'),
    gauge('blocks_corrupt', 'CorruptBlocks', 'none', 'Blocks with corrupt replicas.'),
    gauge('blocks_corrupt_replicated', 'CorruptReplicatedBlocks', 'none', 'Corrupt blocks that are replicated.'),
    gauge('blocks_under_replicated', 'UnderReplicatedBlocks', 'none', 'Blocks with too few replicas.'),
    gauge('blocks_pending_replication', 'PendingReplicationBlocks', 'none', 'Blocks being replicated.'),
    gauge('blocks_scheduled_replication', 'ScheduledReplicationBlocks', 'none', 'Blocks to be replicated.'),
    gauge('blocks_pending_deletion', 'PendingDeletionBlocks', 'none', 'Blocks to be deleted.'),
    gauge('blocks_excess', 'ExcessBlocks', 'none', 'Replicas beyond what is asked.'),
    gauge(
      'postponed_misreplicated_blocks',
      'PostponedMisreplicatedBlocks',
      'none',
      'Blocks looked at after a fail-over.',
    ),
    counter(
      'timed_out_reconstructions_total',
      'NumTimedOutPendingReconstructions',
      'none',
      'Replications that took too long.',
    ),
    gauge('live_datanodes', 'NumLiveDataNodes', 'none', 'DataNodes whose heartbeats come.'),
    gauge('dead_datanodes', 'NumDeadDataNodes', 'none', 'DataNodes whose heartbeats stopped, emptied ones too.'),
    gauge('stale_datanodes', 'StaleDataNodes', 'none', 'Live DataNodes whose last heartbeat is late (30 s).'),
    gauge('decommissioning_datanodes', 'NumDecommissioningDataNodes', 'none', 'DataNodes being emptied.'),
    gauge('decommissioned_live_datanodes', 'NumDecomLiveDataNodes', 'none', 'Emptied DataNodes whose heartbeats come.'),
    gauge('decommissioned_dead_datanodes', 'NumDecomDeadDataNodes', 'none', 'Emptied DataNodes that are gone.'),
    gauge('in_service_datanodes', 'NumInServiceLiveDataNodes', 'none', 'Live DataNodes that are not emptied yet.'),
    gauge('stale_storages', 'NumStaleStorages', 'none', 'Volumes whose content is not known since a fail-over.'),
    gauge('failed_volumes', 'VolumeFailuresTotal', 'none', 'Failed volumes of all DataNodes.'),
    counter('expired_heartbeats_total', 'ExpiredHeartbeats', 'none', 'DataNodes whose heartbeats stopped, ever.'),
    gauge('load', 'TotalLoad', 'none', 'Transfers that the DataNodes are busy with.'),
    gauge(
      'last_checkpoint_timestamp_seconds',
      'LastCheckpointTime',
      'milliseconds since 1970',
      'When the last checkpoint (FSImage) was made. Its age is time() less this.',
    ),
    gauge('transactions_since_last_checkpoint', 'TransactionsSinceLastCheckpoint', 'none', 'Edits not in an FSImage.'),
    gauge('transactions_since_last_log_roll', 'TransactionsSinceLastLogRoll', 'none', 'Edits in the open log.'),
    gauge('last_written_transaction_id', 'LastWrittenTransactionId', 'none', 'The id of the last edit written.'),
    gauge('edits_lag_seconds', 'MillisSinceLastLoadedEdits', 'milliseconds', 'Since a standby last loaded edits.'),
    gauge('lock_queue_length', 'LockQueueLength', 'none', 'Threads that wait for the namesystem lock.'),
    counter('read_lock_long_holds_total', 'ReadLockLongHoldCount', 'none', 'Times a reader held the lock for long.'),
    counter('write_lock_long_holds_total', 'WriteLockLongHoldCount', 'none', 'Times a writer held the lock for long.'),
    gauge('pending_datanode_messages', 'PendingDataNodeMessageCount', 'none', 'Block reports that a standby keeps.'),
    gauge('snapshots', 'Snapshots', 'none', 'Snapshots.'),
    gauge('snapshottable_directories', 'SnapshottableDirectories', 'none', 'Directories that can have snapshots.'),
    gauge(
      'reconstruction_queues_progress_ratio',
      'ReconstructionQueuesInitProgress',
      'ratio',
      'How far the queues of blocks to replicate are built after a start.',
    ),
  ],
  leftOut: [
    leftOut('Capacity*GB', 'the same in other units'),
    leftOut('LowRedundancyBlocks PendingReconstructionBlocks', 'the same under a newer name'),
    leftOut('LowRedundancyReplicatedBlocks PendingDeletionReplicatedBlocks TotalReplicatedBlocks', PARTS),
    leftOut('*EC* BytesInFutureReplicatedBlocks', 'erasure coding and roll-backs: few use them'),
    leftOut('HighestPriorityLowRedundancyReplicatedBlocks', PARTS),
    leftOut('MissingReplicationOneBlocks', 'MissingReplOneBlocks under a newer name'),
    leftOut('*MaintenanceDataNodes NumInMaintenance*', 'EMR has no maintenance state'),
    leftOut('CurrentTokensCount NumEncryptionZones PendingSPSPaths ProvidedCapacityTotal', 'nobody acts on it'),
    leftOut('TotalSyncCount', 'syncs_total'),
  ],
});

const safeMode: Bean = bean(`${SERVICE}FSNamesystemState`, PREFIX, {
  metrics: flag('safe_mode', 'FSState', 'safeMode', 'Operational', '1 while HDFS takes no writes.'),
  leftOut: [
    leftOut('BlockDeletionStartTime', 'the start time'),
    leftOut('MaxObjects', 'a setting'),
    leftOut('*', 'FSNamesystem has it'),
  ],
  unread: ['TopUserOpCounts', 'SnapshotStats'],
});

export const nameNode: DaemonRules = {
  daemon: 'namenode',
  isTested: true,
  beans: [...hadoop('NameNode'), namesystem, safeMode, ...nameNodeActivity],
  leftOut: [
    ...hadoopLeftOut('NameNode'),
    rpcDetailedLeftOut('NameNode'),
    {
      objectName: `${SERVICE}BlockStats`,
      reason: 'capacity by kind of storage, as a table: FSNamesystem has the sums',
    },
    { objectName: `${SERVICE}ECBlockGroupsState`, reason: 'FSNamesystem has it' },
    { objectName: `${SERVICE}ReplicatedBlocksState`, reason: 'FSNamesystem has it' },
    {
      objectName: `${SERVICE}NameNodeInfo`,
      reason: 'JSON with every DataNode, built at each read: FSNamesystem has the sums',
    },
    { objectName: `${SERVICE}NameNodeStatus`, reason: 'the state is in FSNamesystem' },
    { objectName: `${SERVICE}NameNode`, reason: 'the state is in FSNamesystem' },
    { objectName: `${SERVICE}SnapshotInfo`, reason: 'lists: FSNamesystem has the sums' },
  ],
};
