import type { Row } from '../rows.ts';
import { timeseries } from '../timeseries.ts';
import { APPLICATION, LEGEND, ofApplication } from './application.ts';

const sumBy = (label: string, name: string): string => `sum by (${label}) (spark_${name}{${APPLICATION}})`;
const increaseBy = (label: string, name: string): string =>
  `sum by (${label}) (increase(spark_${name}{${APPLICATION}}[$__rate_interval]))`;

export const scheduler: Row = {
  title: 'Scheduler and executors',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Jobs running, by application',
      description: 'None while the application runs: its driver works alone, or waits.',
      queries: [{ expr: ofApplication('scheduler_active_jobs'), legend: LEGEND }],
    }),
    timeseries({
      title: 'Stages by state',
      description: 'Waiting ones need others to end first; failed ones are tried again.',
      queries: [{ expr: sumBy('state', 'scheduler_stages'), legend: '{{state}}' }],
    }),
    timeseries({
      title: 'Stages that ended',
      description: 'Told when their job ends: in jumps.',
      queries: [{ expr: increaseBy('state', 'application_stages_total'), legend: '{{state}}' }],
    }),
    timeseries({
      title: 'Time of an event of the scheduler',
      description: 'The slowest of late, by application. Above a second the driver is too busy to give out tasks.',
      unit: 's',
      queries: [
        {
          expr: `max by (application_id) (spark_scheduler_event_processing_seconds{${APPLICATION}, quantile="1"})`,
          legend: LEGEND,
        },
      ],
    }),
    timeseries({
      title: 'Executors: there, asked for, needed',
      description:
        'Dynamic allocation. Asked for and not there: YARN has no room. Needed and not asked for: spark.dynamicAllocation.maxExecutors.',
      queries: [
        { expr: `sum(spark_allocation_executors{${APPLICATION}})`, legend: 'there' },
        { expr: `sum(spark_allocation_target_executors{${APPLICATION}})`, legend: 'asked for' },
        { expr: `sum(spark_allocation_needed_executors{${APPLICATION}})`, legend: 'needed for all tasks at once' },
      ],
    }),
    timeseries({
      title: 'Executors that went',
      description:
        'Within a step of the time axis. Unexpectedly: killed for their memory, spot interruptions, lost nodes.',
      queries: [{ expr: increaseBy('reason', 'allocation_removed_executors_total'), legend: '{{reason}}' }],
    }),
    timeseries({
      title: 'Application masters',
      description:
        'What they ask of YARN and do not have, and executors that failed of late: at twice spark.executor.instances the application ends.',
      queries: [
        { expr: `sum(spark_application_master_pending_containers{${APPLICATION}})`, legend: 'containers pending' },
        { expr: `sum(spark_application_master_failed_executors{${APPLICATION}})`, legend: 'executors failed' },
      ],
    }),
    timeseries({
      title: 'Events that wait for listeners',
      description:
        'A queue holds 10,000 (spark.scheduler.listenerbus.eventqueue.capacity); what comes then is dropped.',
      queries: [
        { expr: `max by (queue) (spark_listener_queue_events{${APPLICATION}})`, legend: '{{queue}}' },
        {
          expr: `sum(increase(spark_listener_queue_dropped_events_total{${APPLICATION}}[$__rate_interval]))`,
          legend: 'dropped',
        },
      ],
    }),
  ],
};

const query = (name: string): string => `sum by (application_id, query) (spark_streaming_${name}{${APPLICATION}})`;
const QUERY = '{{application_id}} {{query}}';
const stream = (name: string): string => `max by (application_id, stream) (spark_dstream_${name}{${APPLICATION}})`;
const STREAM = '{{application_id}} {{stream}}';

export const streaming: Row = {
  title: 'Streaming (queries with spark.sql.streaming.metricsEnabled; DStreams)',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Rows arriving and processed',
      description: 'A query that processes fewer than arrive falls behind.',
      unit: 'rowsps',
      queries: [
        { expr: query('input_rows_per_second'), legend: `arriving ${QUERY}` },
        { expr: query('processing_rows_per_second'), legend: `processed ${QUERY}` },
      ],
    }),
    timeseries({
      title: 'Time of a batch',
      description: 'Above the trigger’s interval the query is behind.',
      unit: 's',
      queries: [{ expr: query('latency_seconds'), legend: QUERY }],
    }),
    timeseries({
      title: 'Watermark is behind by',
      description: 'Now less the watermark of event times. It grows while no events come.',
      unit: 's',
      queries: [
        {
          expr: `time() - (max by (application_id, query) (spark_streaming_watermark_timestamp_seconds{${APPLICATION}}) > 0)`,
          legend: QUERY,
        },
      ],
    }),
    timeseries({
      title: 'State',
      description: 'Memory of the state stores. It must not grow for ever: a watermark is missing.',
      unit: 'bytes',
      queries: [{ expr: query('state_used_bytes'), legend: QUERY }],
    }),
    timeseries({
      title: 'DStreams: how long the last batch waited and took',
      description: 'One that waits longer and longer is behind.',
      unit: 's',
      queries: [
        { expr: stream('scheduling_delay_seconds'), legend: `waited ${STREAM}` },
        { expr: stream('processing_delay_seconds'), legend: `took ${STREAM}` },
      ],
    }),
    timeseries({
      title: 'DStreams: batches that wait',
      description: 'More than a few: the stream is behind.',
      queries: [{ expr: stream('waiting_batches'), legend: STREAM }],
    }),
  ],
};
