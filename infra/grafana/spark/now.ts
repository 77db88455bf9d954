import { NEUTRAL, NONE_IS_GOOD, worseAbove, type Steps } from '../panel.ts';
import type { Row } from '../rows.ts';
import { IN_CLUSTER } from '../selectors.ts';
import { stat } from '../stat.ts';
import { table } from '../table.ts';
import { APPLICATION, ofApplication, rateOfApplication, withinTime } from './application.ts';

const number = (title: string, description: string, expr: string, unit = 'short', steps: Steps = NEUTRAL) =>
  stat({ title, description, unit, steps, width: 3, queries: [{ expr }] });

const recorded = (name: string): string => `emr_application:spark_${name}{${APPLICATION}}`;
const share = (part: string): string =>
  `sum(${recorded(`${part}_seconds:sum_rate5m`)}) / (sum(${recorded('run_seconds:sum_rate5m')}) > 0)`;
/** Name, user and queue come from the master, and only for what runs; an application without them has its id. */
const NAMES = `max by (cluster_id, application_id, application_name, user, queue) (spark_application_info{${IN_CLUSTER}})`;
const DRIVERS = `max by (cluster_id, application_id) (spark_scheduler_active_jobs{${APPLICATION}})`;
const heap = (which: string): string =>
  `max by (application_id) (spark_jvm_memory_used_bytes{${APPLICATION}, area="heap", ${which}} / spark_jvm_memory_max_bytes{${APPLICATION}, area="heap", ${which}})`;

export const now: Row = {
  title: 'Spark now',
  panels: [
    number(
      'Applications running',
      'Those whose driver sends metrics. Fewer than YARN runs: they were started before the exporter came, or set their own metrics.properties.',
      `max(emr_cluster:spark_applications:count{${IN_CLUSTER}})`,
    ),
    number('Executors', 'Of all applications.', `max(emr_cluster:spark_executors:count{${IN_CLUSTER}})`),
    number('Tasks running', 'Of the chosen applications.', `sum(spark_executor_active_tasks{${APPLICATION}})`),
    number(
      'Garbage collection',
      'Share of the tasks’ run time. Above 10 %: too little memory for each task.',
      share('gc'),
      'percentunit',
      worseAbove(0.1, 0.2),
    ),
    number(
      'Tasks failed',
      'Within the time shown; Spark tries each again, four times by default. Told when their job ends.',
      withinTime('application_tasks_total', ', state="failed"'),
    ),
    number(
      'Executors lost',
      'Within the time shown: ended unexpectedly. Killed by YARN for their memory, spot interruptions, lost nodes.',
      withinTime('allocation_removed_executors_total', ', reason="exited_unexpectedly"'),
    ),
    number(
      'Spilled to disk',
      'Within the time shown. Much: too few partitions, or too little memory.',
      withinTime('executor_spilled_disk_bytes_total'),
      'bytes',
    ),
    number(
      'Events dropped',
      'Within the time shown. Any: history, pages and dynamic allocation of that application are wrong from then on.',
      withinTime('listener_queue_dropped_events_total'),
      'short',
      NONE_IS_GOOD,
    ),
    table({
      title: 'Applications',
      description:
        'Those that run now. CPU far below 100 % of run time: tasks wait, for shuffle, S3 or a lock. The fullest heap of any process, against its limit.',
      height: 9,
      key: ['application_id'],
      rows: `${DRIVERS} * on (cluster_id, application_id) group_left (application_name, user, queue) ${NAMES} or ${DRIVERS} unless on (application_id) ${NAMES}`,
      labels: [
        { label: 'application_name', title: 'Name' },
        { label: 'application_id', title: 'Application' },
        { label: 'user', title: 'User' },
        { label: 'queue', title: 'Queue' },
      ],
      values: [
        { title: 'Tasks', expr: ofApplication('executor_active_tasks') },
        {
          title: 'Executors',
          expr: `count by (application_id) (spark_executor_active_tasks{${APPLICATION}, executor_id!="driver"})`,
        },
        { title: 'CPU of run time', expr: recorded('cpu:ratio_rate5m'), unit: 'percentunit', bar: true },
        {
          title: 'GC of run time',
          expr: recorded('gc:ratio_rate5m'),
          unit: 'percentunit',
          steps: worseAbove(0.1, 0.2),
        },
        {
          title: 'Shuffle wait of run time',
          expr: `${recorded('shuffle_wait_seconds:sum_rate5m')} / (${recorded('run_seconds:sum_rate5m')} > 0)`,
          unit: 'percentunit',
          steps: worseAbove(0.2, 0.4),
        },
        { title: 'Spilled', expr: rateOfApplication('executor_spilled_disk_bytes_total'), unit: 'Bps' },
        { title: 'Driver’s heap', expr: heap('executor_id="driver"'), unit: 'percentunit', bar: true },
        { title: 'Fullest executor', expr: heap('executor_id!="driver"'), unit: 'percentunit', bar: true },
      ],
      sortBy: 'Tasks',
    }),
  ],
};
