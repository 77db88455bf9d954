import { bean, counter, each, gauge, leftOut, type Bean, type Metric } from './table.ts';

const PREFIX = 'yarn_resourcemanager_queue_';
/**
 * root, and four levels below it: each level more takes a kilobyte of the document, which has 64. A bean of a user
 * (`…,user=name`) has a key more and is not read.
 */
const DEPTHS = [1, 2, 3, 4, 5];

const PARTITIONED: readonly Metric[] = [
  each(
    ['Allocated', 'Available', 'Pending', 'Reserved'],
    gauge('%_memory_bytes', '%MB', 'mebibytes', '% memory of the queue.'),
  ),
  each(
    ['Allocated', 'Available', 'Pending', 'Reserved'],
    gauge('%_vcores', '%VCores', 'none', '% vcores of the queue.'),
  ),
  each(['Allocated', 'Pending'], gauge('%_containers', '%Containers', 'none', '% containers of the queue.')),
  each(
    ['Allocated', 'Preempted'],
    counter('containers_%_total', 'AggregateContainers%', 'none', '% containers of the queue, ever.'),
  ),
];

const WHOLE: readonly Metric[] = [
  each(['Running', 'Pending'], gauge('applications_%', 'Apps%', 'none', '% applications.')),
  each(
    ['Submitted', 'Completed', 'Failed', 'Killed'],
    counter('applications_%_total', 'Apps%', 'none', '% applications, ever.'),
  ),
  gauge('am_limit_memory_bytes', 'AMResourceLimitMB', 'mebibytes', 'Memory that application masters can have.'),
  gauge('am_limit_vcores', 'AMResourceLimitVCores', 'none', 'Vcores that application masters can have.'),
  gauge('am_used_memory_bytes', 'UsedAMResourceMB', 'mebibytes', 'Memory that application masters have.'),
  gauge('am_used_vcores', 'UsedAMResourceVCores', 'none', 'Vcores that application masters have.'),
  gauge('guaranteed_memory_bytes', 'GuaranteedMB', 'mebibytes', 'Memory that the queue can count on.'),
  gauge('max_memory_bytes', 'MaxCapacityMB', 'mebibytes', 'The most memory that the queue can have.'),
  gauge('absolute_used_ratio', 'AbsoluteUsedCapacity', 'ratio', "Share of the cluster's capacity in use."),
];

const REST = [
  leftOut('AggregateContainersReleased', 'allocated less current'),
  leftOut('Aggregate*LocalContainersAllocated AggregateOffSwitchContainersAllocated', 'locality: profiling'),
  leftOut('Aggregate*Preempted', 'containers_preempted_total says that it happens'),
  leftOut('AppAttemptFirstContainerAllocationDelay*', 'ClusterMetrics has the delay of the application master'),
  leftOut('ActiveApplications ActiveUsers', 'applications_running'),
  leftOut('ReservedContainers', 'reserved_memory_bytes'),
  leftOut('Unmanaged*', 'few use it'),
  leftOut('running_*', 'running applications by age: a gauge per threshold'),
  leftOut('Guaranteed*Capacity MaxAbsoluteCapacity MaxCapacity UsedCapacity', 'the same as a share of the parent'),
  leftOut('GuaranteedVCores MaxCapacityVCores', 'settings'),
];

const levels = (depth: number): readonly number[] => Array.from({ length: depth }, (_, level) => level);
const keys = (depth: number): string =>
  levels(depth)
    .map((level) => `q${level}=*`)
    .join(',');
const path = (depth: number, first: number): string =>
  levels(depth)
    .map((level) => `$${first + level}`)
    .join('.');

/** Without node labels: everything. With them: what is in the default partition. */
const queue = (depth: number): Bean =>
  bean(`Hadoop:service=ResourceManager,name=QueueMetrics,${keys(depth)}`, PREFIX, {
    labels: { queue: path(depth, 1) },
    metrics: [...WHOLE, ...PARTITIONED],
    leftOut: REST,
  });

/**
 * The other partitions of clusters with node labels, under the same names and with the label `partition`, so that sums
 * are right. The default partition's beans say what QueueMetrics says: no series.
 */
const partition = (depth: number): Bean =>
  bean(`Hadoop:service=ResourceManager,name=PartitionQueueMetrics,partition=*,${keys(depth)}`, PREFIX, {
    labels: { partition: '$1', queue: path(depth, 2) },
    metrics: PARTITIONED,
    leftOut: [leftOut('*', 'QueueMetrics has it')],
  });

/** jmx_exporter cannot count: queues.sh writes the number into the rules, with the queues that are not read. */
const dropped: Bean = bean('java.lang:type=Runtime', PREFIX.replace('queue_', 'queues_'), {
  metrics: [
    {
      ...gauge('dropped', 'Uptime', 'none', 'Queues that are not shown, for there are more than 50.'),
      text: { pattern: '.+', value: 0 },
    },
  ],
});

export const queues: readonly Bean[] = [...DEPTHS.map(queue), ...DEPTHS.map(partition), dropped];
