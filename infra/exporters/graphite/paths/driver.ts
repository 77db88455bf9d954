import { area, counter, each, essential, gauge, leftOut, otherStatistics, since, timed, type Area } from './table.ts';

/** BlockManagerSource counts in mebibytes. */
export const blockManager: Area = area('Block manager', {
  of: 'driver',
  source: 'BlockManager',
  metrics: [
    ...each(
      'memory',
      ['OnHeap', 'OffHeap'],
      essential(
        gauge(
          'spark_block_manager_max_memory_bytes',
          'memory.max%Mem_MB',
          'mebibytes',
          'Memory for blocks, of all executors.',
        ),
      ),
    ),
    ...each(
      'memory',
      ['onHeap', 'offHeap'],
      essential(gauge('spark_block_manager_used_memory_bytes', 'memory.%MemUsed_MB', 'mebibytes', 'Of that in use.')),
    ),
    ...each(
      'memory',
      ['OnHeap', 'OffHeap'],
      gauge('spark_block_manager_remaining_memory_bytes', 'memory.remaining%Mem_MB', 'mebibytes', 'Of that left.'),
    ),
    essential(
      gauge(
        'spark_block_manager_used_disk_bytes',
        'disk.diskSpaceUsed_MB',
        'mebibytes',
        'Blocks on disks, of all executors.',
      ),
    ),
  ],
  leftOut: [
    leftOut(
      'memory.maxMem_MB memory.memUsed_MB memory.remainingMem_MB',
      'on_heap and off_heap together',
      'BlockManager[.]memory[.](max|mem|remaining)(Mem|Used)_',
    ),
  ],
});

export const dagScheduler: Area = area('Scheduler', {
  of: 'driver',
  source: 'DAGScheduler',
  metrics: [
    gauge('spark_scheduler_active_jobs', 'job.activeJobs', 'none', 'Jobs that run.'),
    counter('spark_scheduler_jobs_total', 'job.allJobs', 'none', 'Jobs submitted.'),
    ...each(
      'state',
      ['failed', 'running', 'waiting'],
      gauge('spark_scheduler_stages', 'stage.%Stages', 'none', 'Stages by state; failed: to be tried again.'),
    ),
    ...timed(
      'spark_scheduler_event_processing_seconds',
      'messageProcessingTime',
      'spark_scheduler_events_total',
      "Events of the scheduler's loop",
    ),
  ].map(essential),
  leftOut: [otherStatistics('messageProcessingTime')],
});

export const appStatus: Area = area('Status of the application (spark.metrics.appStatusSource.enabled)', {
  of: 'driver',
  source: 'appStatus',
  metrics: [
    gauge(
      'spark_application_last_job_seconds',
      'jobDuration',
      'milliseconds',
      'How long the last job took that ended.',
    ),
    ...each(
      'state',
      ['failed', 'succeeded'],
      counter('spark_application_jobs_total', 'jobs.%Jobs.count', 'none', 'Jobs that ended, by state.'),
    ),
    ...each(
      'state',
      ['completed', 'failed', 'skipped'],
      counter(
        'spark_application_stages_total',
        'stages.%Stages.count',
        'none',
        'Stages that ended, by state; told when their job ends.',
      ),
    ),
    ...each(
      'state',
      ['completed', 'failed', 'killed', 'skipped'],
      counter(
        'spark_application_tasks_total',
        'tasks.%Tasks.count',
        'none',
        'Tasks that ended, by state; told when their job ends.',
      ),
    ),
    counter(
      'spark_application_excluded_executors_total',
      'tasks.excludedExecutors.count',
      'none',
      'Executors excluded.',
    ),
    counter(
      'spark_application_unexcluded_executors_total',
      'tasks.unexcludedExecutors.count',
      'none',
      'Executors that came back.',
    ),
  ].map(essential),
  leftOut: [
    leftOut(
      'tasks.blackListedExecutors.count tasks.unblackListedExecutors.count',
      'older names of the same',
      'appStatus[.]tasks[.](un)?black',
    ),
  ],
});

export const allocation: Area = area('Dynamic allocation', {
  of: 'driver',
  source: 'ExecutorAllocationManager.executors',
  metrics: [
    gauge('spark_allocation_executors', 'numberAllExecutors', 'none', 'Executors that there are.'),
    gauge('spark_allocation_target_executors', 'numberTargetExecutors', 'none', 'Executors that are asked for.'),
    gauge(
      'spark_allocation_needed_executors',
      'numberMaxNeededExecutors',
      'none',
      'Executors that all tasks at once could use.',
    ),
    gauge('spark_allocation_next_executors', 'numberExecutorsToAdd', 'none', 'Executors that are asked for next.'),
    gauge('spark_allocation_leaving_executors', 'numberExecutorsPendingToRemove', 'none', 'Executors to be removed.'),
    since(
      '3.5',
      gauge(
        'spark_allocation_decommissioning_executors',
        'numberDecommissioningExecutors',
        'none',
        'Executors being decommissioned.',
      ),
    ),
    ...each(
      'reason',
      ['KilledByDriver', 'ExitedUnexpectedly', 'GracefullyDecommissioned', 'DecommissionUnfinished'],
      counter(
        'spark_allocation_removed_executors_total',
        'numberExecutors%.count',
        'none',
        'Executors that went, by reason.',
      ),
    ),
  ].map(essential),
});

/** Of YARN. Its source has the application in its own name; MetricsSystem puts nothing before it. */
export const applicationMaster: Area = area('Application master', {
  of: 'application',
  source: 'applicationMaster',
  metrics: [
    gauge('spark_application_master_running_executors', 'numExecutorsRunning', 'none', 'Executors that run.'),
    gauge('spark_application_master_failed_executors', 'numExecutorsFailed', 'none', 'Executors that failed of late.'),
    gauge(
      'spark_application_master_pending_containers',
      'numContainersPendingAllocate',
      'none',
      'Containers asked of YARN.',
    ),
    gauge(
      'spark_application_master_released_containers',
      'numReleasedContainers',
      'none',
      'Containers given back to YARN.',
    ),
    gauge(
      'spark_application_master_locality_aware_tasks',
      'numLocalityAwareTasks',
      'none',
      'Pending tasks that prefer hosts.',
    ),
  ].map(essential),
});
