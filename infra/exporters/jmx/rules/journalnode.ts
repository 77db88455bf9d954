import { hadoop, hadoopLeftOut, rpcDetailedLeftOut } from './hadoop.ts';
import { jvm } from './jvm.ts';
import { bean, counter, gauge, leftOut, type Bean, type DaemonRules } from './table.ts';

const PREFIX = 'hdfs_journalnode_';

const syncs = (percentile: string) =>
  gauge(
    'sync_seconds',
    `Syncs60s${percentile}thPercentileLatencyMicros`,
    'microseconds',
    'Time of a write of edits to disk in the last minute: as many of 100 were quicker.',
    { percentile },
  );

// hadoop.apache.org/docs/r3.4.1/hadoop-project-dist/hadoop-common/Metrics.html, "JournalNode".
const journal: Bean = bean('Hadoop:service=JournalNode,name=Journal-*', PREFIX, {
  labels: { journal: '$1' },
  metrics: [
    counter('batches_written_total', 'BatchesWritten', 'none', 'Writes of edits.'),
    counter(
      'batches_written_while_lagging_total',
      'BatchesWrittenWhileLagging',
      'none',
      'Writes of edits when behind.',
    ),
    counter('transactions_written_total', 'TxnsWritten', 'none', 'Edits written.'),
    counter('written_bytes_total', 'BytesWritten', 'bytes', 'Bytes of edits written.'),
    gauge('lag_transactions', 'CurrentLagTxns', 'none', 'Edits by which this JournalNode is behind the others.'),
    gauge('last_written_transaction_id', 'LastWrittenTxId', 'none', 'The id of the last edit written.'),
    gauge('last_promised_epoch', 'LastPromisedEpoch', 'none', 'The epoch of the last writer promised.'),
    gauge('last_writer_epoch', 'LastWriterEpoch', 'none', 'The epoch of the last writer.'),
    gauge('last_journal_timestamp_seconds', 'LastJournalTimestamp', 'milliseconds since 1970', 'When edits last came.'),
    syncs('50'),
    syncs('95'),
    syncs('99'),
  ],
  leftOut: [leftOut('*', 'not known here, or the same over other times')],
});

export const journalNode: DaemonRules = {
  daemon: 'journalnode',
  isTested: false,
  beans: [journal, ...hadoop('JournalNode', jvm(PREFIX))],
  leftOut: [...hadoopLeftOut('JournalNode'), rpcDetailedLeftOut('JournalNode')],
};
