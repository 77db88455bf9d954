import type { Row } from '../rows.ts';
import { timeseries } from '../timeseries.ts';
import { APPLICATION, LEGEND, ofApplication, rateOfAll } from './application.ts';

const recorded = (name: string): string => `sum(emr_application:spark_${name}_seconds:sum_rate5m{${APPLICATION}})`;

export const tasks: Row = {
  title: 'Tasks and where their time goes',
  panels: [
    timeseries({
      title: 'Tasks running, by application',
      description: 'One task occupies one core of an executor (spark.task.cpus).',
      stacked: true,
      queries: [{ expr: ofApplication('executor_active_tasks'), legend: LEGEND }],
    }),
    timeseries({
      title: 'Run time of tasks, by what for',
      description:
        'How many tasks that succeeded ran at once, and what for. Other: reading and writing (S3, HDFS), locks, Python. A task counts when it ends.',
      stacked: true,
      queries: [
        { expr: recorded('cpu'), legend: 'CPU' },
        { expr: recorded('gc'), legend: 'garbage collection' },
        { expr: recorded('shuffle_wait'), legend: 'waiting for shuffle blocks' },
        { expr: recorded('shuffle_write'), legend: 'writing shuffle blocks' },
        {
          expr: `clamp_min(${recorded('run')} - ${recorded('cpu')} - ${recorded('gc')} - ${recorded('shuffle_wait')} - ${recorded('shuffle_write')}, 0)`,
          legend: 'other',
        },
      ],
    }),
    timeseries({
      title: 'Shuffle',
      description: 'Read from other hosts and from the own one, and written.',
      unit: 'Bps',
      queries: [
        {
          expr: `sum by (location) (rate(spark_shuffle_read_bytes_total{${APPLICATION}}[$__rate_interval]))`,
          legend: 'read, {{location}}',
        },
        { expr: rateOfAll('shuffle_write_bytes_total'), legend: 'written' },
      ],
    }),
    timeseries({
      title: 'Spill',
      description:
        'What did not fit: as it was in memory, and as it is on disk. Any amount costs time; more partitions help most.',
      unit: 'Bps',
      queries: [
        { expr: rateOfAll('executor_spilled_memory_bytes_total'), legend: 'as in memory' },
        { expr: rateOfAll('executor_spilled_disk_bytes_total'), legend: 'as on disk' },
      ],
    }),
    timeseries({
      title: 'Memory against its limit: the fullest executor',
      description:
        'Used heap over its maximum, of each application’s fullest executor. At 1 for minutes: garbage collection, then the end.',
      unit: 'percentunit',
      max: 1,
      queries: [{ expr: heapOf('executor_id!="driver"'), legend: LEGEND }],
    }),
    timeseries({
      title: 'Memory against its limit: the driver',
      description: 'Used heap over its maximum. `collect` and large broadcasts fill it.',
      unit: 'percentunit',
      max: 1,
      queries: [{ expr: heapOf('executor_id="driver"'), legend: LEGEND }],
    }),
  ],
};

function heapOf(which: string): string {
  const of = (name: string): string => `spark_jvm_memory_${name}_bytes{${APPLICATION}, area="heap", ${which}}`;
  return `max by (application_id) (${of('used')} / ${of('max')})`;
}

export const work: Row = {
  title: 'Tasks, input and output',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Tasks that ended',
      description: 'Well or not, by application.',
      unit: 'ops',
      queries: [
        {
          expr: `sum by (application_id) (rate(spark_executor_completed_tasks_total{${APPLICATION}}[$__rate_interval]))`,
          legend: LEGEND,
        },
      ],
    }),
    timeseries({
      title: 'Tasks by how they ended',
      description: 'Told when their job ends: in jumps.',
      queries: [
        {
          expr: `sum by (state) (increase(spark_application_tasks_total{${APPLICATION}}[$__rate_interval]))`,
          legend: '{{state}}',
        },
      ],
    }),
    timeseries({
      title: 'Input and output',
      description: 'Bytes that tasks read and wrote, shuffle apart.',
      unit: 'Bps',
      queries: [
        { expr: rateOfAll('executor_input_bytes_total'), legend: 'read' },
        { expr: rateOfAll('executor_output_bytes_total'), legend: 'written' },
      ],
    }),
    timeseries({
      title: 'Records',
      description: 'Records that tasks read and wrote, shuffle apart.',
      unit: 'recps',
      queries: [
        { expr: rateOfAll('executor_input_records_total'), legend: 'read' },
        { expr: rateOfAll('executor_output_records_total'), legend: 'written' },
      ],
    }),
    timeseries({
      title: 'Average task',
      description:
        'Run time and CPU time of a task that succeeded, all chosen applications together. Under 0.1 s: too many partitions.',
      unit: 's',
      queries: ['run', 'cpu'].map((what) => ({
        expr: `${rateOfAll(`executor_${what}_seconds_total`)} / (${rateOfAll('executor_succeeded_tasks_total')} > 0)`,
        legend: what === 'run' ? 'run time' : 'CPU time',
      })),
    }),
    timeseries({
      title: 'Waiting for shuffle blocks',
      description:
        'Share of the run time, by application. High with little read: one skewed partition, or a node that serves slowly.',
      unit: 'percentunit',
      queries: [
        {
          expr: `emr_application:spark_shuffle_wait_seconds:sum_rate5m{${APPLICATION}} / (emr_application:spark_run_seconds:sum_rate5m{${APPLICATION}} > 0)`,
          legend: LEGEND,
        },
      ],
    }),
  ],
};
