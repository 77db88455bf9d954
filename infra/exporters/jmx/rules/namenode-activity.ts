import { bean, counter, gauge, leftOut, timed, type Bean } from './table.ts';

const SERVICE = 'Hadoop:service=NameNode,name=';
const PREFIX = 'hdfs_namenode_';

const operations = (attribute: string, operation: string) =>
  counter('operations_total', attribute, 'none', 'Operations of clients on files and directories.', { operation });

const activity: Bean = bean(`${SERVICE}NameNodeActivity`, PREFIX, {
  metrics: [
    operations('CreateFileOps', 'create'),
    operations('DeleteFileOps', 'delete'),
    operations('FilesRenamed', 'rename'),
    operations('FilesAppended', 'append'),
    operations('FilesTruncated', 'truncate'),
    operations('FileInfoOps', 'file_info'),
    operations('GetListingOps', 'list'),
    operations('GetBlockLocations', 'get_block_locations'),
    operations('AddBlockOps', 'add_block'),
    operations('GetAdditionalDatanodeOps', 'get_additional_datanode'),
    operations('CreateSnapshotOps', 'create_snapshot'),
    operations('DeleteSnapshotOps', 'delete_snapshot'),
    operations('SnapshotDiffReportOps', 'diff_snapshots'),
    counter('all_operations_total', 'TotalFileOps', 'none', 'Operations of every kind, also those without a label.'),
    counter('created_files_total', 'FilesCreated', 'none', 'Files and directories created.'),
    counter('deleted_files_total', 'FilesDeleted', 'none', 'Files and directories deleted.'),
    counter('listed_files_total', 'FilesInGetListingOps', 'none', 'Entries of listings.'),
    counter(
      'block_reports_incremental_total',
      'BlockReceivedAndDeletedOps',
      'none',
      'Reports of new and deleted blocks.',
    ),
    gauge('block_operations_queued', 'BlockOpsQueued', 'none', 'Reports of DataNodes that wait.'),
    counter('block_operations_batched_total', 'BlockOpsBatched', 'none', 'Reports of DataNodes handled together.'),
    counter('replications_successful_total', 'SuccessfulReReplications', 'none', 'Blocks replicated again.'),
    counter('replications_timed_out_total', 'TimeoutReReplications', 'none', 'Blocks not replicated again in time.'),
    counter(
      'replications_not_scheduled_total',
      'NumTimesReReplicationNotScheduled',
      'none',
      'Times no DataNode was found to replicate to.',
    ),
    ...timed('transactions', 'Transactions', 'milliseconds', 'Edits'),
    ...timed('syncs', 'Syncs', 'milliseconds', 'Writes of edits to the journal'),
    counter('transactions_batched_total', 'TransactionsBatchedInSync', 'none', 'Edits written together with others.'),
    ...timed('full_block_reports', 'StorageBlockReport', 'milliseconds', 'Full block reports'),
    ...timed('edits_downloads', 'GetEdit', 'milliseconds', 'Downloads of edits by other NameNodes'),
    ...timed('image_downloads', 'GetImage', 'milliseconds', 'Downloads of the FSImage by other NameNodes'),
    ...timed('image_uploads', 'PutImage', 'milliseconds', 'Uploads of an FSImage by the checkpointing NameNode'),
    ...timed('edits_tailing', 'EditLogTailTime', 'milliseconds', 'Readings of edits by a standby'),
    ...timed('resource_checks', 'ResourceCheckTime', 'milliseconds', 'Checks of the room for edits'),
    gauge('safe_mode_seconds', 'SafeModeTime', 'milliseconds', 'Time in safe mode after the start.'),
    gauge('image_load_seconds', 'FsImageLoadTime', 'milliseconds', 'Time to load the FSImage at the start.'),
  ],
  leftOut: [
    leftOut('CacheReport* GenerateEDEKTime* WarmUpEDEKTime* GetAliasMap*', 'few use it'),
    leftOut('EditLogFetchTime* EditLogTailInterval* NumEditLogLoaded*', 'parts of edits_tailing'),
    leftOut('AllowSnapshotOps DisallowSnapshotOps RenameSnapshotOps List*Ops *SymlinkOps *LinkTargetOps', 'rare'),
    leftOut('DeleteBlocksQueued PendingDeleteBlocksCount', 'blocks_pending_deletion'),
    leftOut('PendingEditsCount', 'nobody acts on it'),
  ],
});

const retryCache: Bean = bean(`${SERVICE}RetryCache.NameNodeRetryCache`, `${PREFIX}retry_cache_`, {
  metrics: [counter('hits_total', 'CacheHit', 'none', 'Calls that a client had to send twice.')],
  leftOut: [leftOut('CacheCleared CacheUpdated', 'nobody acts on it')],
});

const startup: Bean = bean(`${SERVICE}StartupProgress`, `${PREFIX}startup_`, {
  metrics: [
    gauge('progress_ratio', 'PercentComplete', 'ratio', 'How far the start is.'),
    gauge('elapsed_seconds', 'ElapsedTime', 'milliseconds', 'Time that the start took, or takes.'),
  ],
  leftOut: [leftOut('LoadingEdits* LoadingFsImage* SafeMode* SavingCheckpoint*', 'parts of it, once for every start')],
});

export const nameNodeActivity: readonly Bean[] = [activity, retryCache, startup];
