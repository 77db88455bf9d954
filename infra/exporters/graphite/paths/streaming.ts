import { area, counter, essential, gauge, leftOut, type Area } from './table.ts';

const labels = { query: '$2' };

/** org.apache.spark.sql.execution.streaming.MetricsReporter: the query's name, or its id. Both can have dots. */
export const streamingQueries: Area = area('Streaming queries (spark.sql.streaming.metricsEnabled)', {
  of: 'driver',
  source: 'spark.streaming',
  metrics: [
    gauge('spark_streaming_input_rows_per_second', '**.inputRate-total', 'rows a second', 'Rows that arrive.', labels),
    gauge(
      'spark_streaming_processing_rows_per_second',
      '**.processingRate-total',
      'rows a second',
      'Rows that are processed.',
      labels,
    ),
    gauge('spark_streaming_latency_seconds', '**.latency', 'milliseconds', 'How long the last batch took.', labels),
    gauge(
      'spark_streaming_watermark_timestamp_seconds',
      '**.eventTime-watermark',
      'milliseconds since 1970',
      'The watermark of event times; 0: none yet.',
      labels,
    ),
    gauge('spark_streaming_state_rows', '**.states-rowsTotal', 'none', 'Rows in the state stores.', labels),
    gauge('spark_streaming_state_used_bytes', '**.states-usedBytes', 'bytes', 'Memory of the state stores.', labels),
  ].map(essential),
});

const stream = { stream: '$2' };
const DELAYS = 'below 0: no batch yet.';

/** StreamingSource: the name of the application comes first, and can have dots. */
export const dStreams: Area = area('DStreams', {
  of: 'driver',
  source: '**.StreamingMetrics.streaming',
  metrics: [
    essential(
      counter('spark_dstream_completed_batches_total', 'totalCompletedBatches', 'none', 'Batches completed.', stream),
    ),
    essential(
      counter('spark_dstream_processed_records_total', 'totalProcessedRecords', 'none', 'Records processed.', stream),
    ),
    counter('spark_dstream_received_records_total', 'totalReceivedRecords', 'none', 'Records received.', stream),
    essential(gauge('spark_dstream_waiting_batches', 'waitingBatches', 'none', 'Batches that wait.', stream)),
    gauge('spark_dstream_running_batches', 'runningBatches', 'none', 'Batches that run.', stream),
    gauge('spark_dstream_receivers', 'receivers', 'none', 'Receivers.', stream),
    essential(
      gauge(
        'spark_dstream_scheduling_delay_seconds',
        'lastCompletedBatch_schedulingDelay',
        'milliseconds',
        `How long the last batch waited; ${DELAYS}`,
        stream,
      ),
    ),
    essential(
      gauge(
        'spark_dstream_processing_delay_seconds',
        'lastCompletedBatch_processingDelay',
        'milliseconds',
        `How long it took then; ${DELAYS}`,
        stream,
      ),
    ),
    essential(
      gauge(
        'spark_dstream_total_delay_seconds',
        'lastCompletedBatch_totalDelay',
        'milliseconds',
        `Both; ${DELAYS}`,
        stream,
      ),
    ),
    gauge(
      'spark_dstream_last_completed_timestamp_seconds',
      'lastCompletedBatch_processingEndTime',
      'milliseconds since 1970',
      'When the last batch was completed; below 0: none yet.',
      stream,
    ),
    gauge(
      'spark_dstream_last_received_records',
      'lastReceivedBatch_records',
      'none',
      'Records of the last batch received.',
      stream,
    ),
  ],
  leftOut: [
    leftOut('unprocessedBatches', 'waiting and running together', '.*[.]StreamingMetrics[.]streaming[.]unprocessed'),
    leftOut('retainedCompletedBatches', 'a setting, nearly', '.*[.]StreamingMetrics[.]streaming[.]retained'),
    leftOut(
      'lastCompletedBatch_submissionTime lastCompletedBatch_processingStartTime lastReceivedBatch_submissionTime lastReceivedBatch_processingStartTime lastReceivedBatch_processingEndTime',
      'spark_dstream_last_completed_timestamp_seconds less the delays',
      '.*[.]StreamingMetrics[.]streaming[.]last.*(submission|processingStart)Time',
      '.*[.]StreamingMetrics[.]streaming[.]lastReceived.*EndTime',
    ),
  ],
});
