import { area, counter, each, essential, gauge, leftOut, since, type Area, type Metric } from './table.ts';

const LOCATIONS = ['Local', 'Remote'];
const located = (metric: Metric): readonly Metric[] => each('location', LOCATIONS, metric);

/** Push-based shuffle: noughts where spark.shuffle.push.enabled is not set. */
const merged: readonly Metric[] = [
  ...located(
    counter(
      'spark_shuffle_merged_read_bytes_total',
      'shuffleMerged%BytesRead.count',
      'bytes',
      'Merged shuffle data read.',
    ),
  ),
  ...located(
    counter(
      'spark_shuffle_merged_read_blocks_total',
      'shuffleMerged%BlocksFetched.count',
      'none',
      'Merged blocks read.',
    ),
  ),
  counter(
    'spark_shuffle_merged_remote_requests_seconds_total',
    'shuffleMergedRemoteReqsDuration.count',
    'milliseconds',
    'Time that requests for merged blocks took.',
  ),
  counter(
    'spark_shuffle_merged_fetch_fallbacks_total',
    'shuffleMergedFetchFallbackCount.count',
    'none',
    'Times that the blocks were read because their merged block could not be.',
  ),
  counter(
    'spark_shuffle_merged_corrupt_chunks_total',
    'shuffleCorruptMergedBlockChunks.count',
    'none',
    'Corrupt chunks of merged blocks.',
  ),
];

export const shuffle: Area = area('Shuffle', {
  of: 'process',
  source: 'executor',
  metrics: [
    ...located(
      essential(counter('spark_shuffle_read_bytes_total', 'shuffle%BytesRead.count', 'bytes', 'Shuffle data read.')),
    ),
    ...located(
      counter('spark_shuffle_read_blocks_total', 'shuffle%BlocksFetched.count', 'none', 'Shuffle blocks read.'),
    ),
    counter('spark_shuffle_read_records_total', 'shuffleRecordsRead.count', 'none', 'Shuffle records read.'),
    counter(
      'spark_shuffle_remote_read_to_disk_bytes_total',
      'shuffleRemoteBytesReadToDisk.count',
      'bytes',
      'Shuffle blocks from other hosts that were too large for memory.',
    ),
    essential(
      counter(
        'spark_shuffle_fetch_wait_seconds_total',
        'shuffleFetchWaitTime.count',
        'milliseconds',
        'Time that tasks waited for blocks from other hosts.',
      ),
    ),
    essential(
      counter('spark_shuffle_write_bytes_total', 'shuffleBytesWritten.count', 'bytes', 'Shuffle data written.'),
    ),
    counter('spark_shuffle_write_records_total', 'shuffleRecordsWritten.count', 'none', 'Shuffle records written.'),
    essential(
      counter(
        'spark_shuffle_write_seconds_total',
        'shuffleWriteTime.count',
        'nanoseconds',
        'Time spent writing shuffle data.',
      ),
    ),
    ...[
      counter(
        'spark_shuffle_remote_requests_seconds_total',
        'shuffleRemoteReqsDuration.count',
        'milliseconds',
        'Time that requests for blocks from other hosts took.',
      ),
      ...merged,
    ].map((metric) => since('3.5', metric)),
  ],
  leftOut: [
    leftOut('shuffleTotalBytesRead.count', 'local and remote together', 'executor[.]shuffleTotal'),
    leftOut(
      'shuffleMergedLocalChunksFetched.count shuffleMergedRemoteChunksFetched.count',
      'parts of merged blocks, whose number and bytes are there',
      'executor[.]shuffleMerged.*Chunks',
    ),
  ],
});

const TRANSPORT_HELP = "Memory of the transport's buffers.";

/** External with the external shuffle service, netty without. */
export const shuffleTransport: readonly Area[] = [
  { source: 'ExternalShuffle', transport: 'external' },
  { source: 'NettyBlockTransfer', transport: 'netty' },
].map(({ source, transport }) =>
  area(`Shuffle transport: ${transport}`, {
    of: 'process',
    source,
    metrics: each(
      'memory',
      ['Direct', 'Heap'],
      gauge('spark_shuffle_transport_used_bytes', '*.used%Memory', 'bytes', TRANSPORT_HELP, { transport, pool: '$3' }),
    ),
    leftOut: [
      leftOut(
        '*.*.*',
        "Netty's arenas one by one (spark.shuffle.io.enableVerboseMetrics)",
        `${source}[.][^.]+[.][^.]+[.]`,
      ),
    ],
  }),
);
