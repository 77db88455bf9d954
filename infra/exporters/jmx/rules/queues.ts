import { bean, counter, each, gauge, leftOut, type Bean, type Metric } from './table.ts';

const PREFIX = 'yarn_resourcemanager_queue_';
/**
 * root, and four levels below it: each level more takes a kilobyte of the document, which has 64. A bean of a user
 * (`…,user=name`) has a key more and is not read.
 */
const DEPTHS = [1, 2, 3, 4, 5];

const RESOURCES = ['Allocated', 'Available', 'Pending'];

/** Of each other partition, too: 6. With the 19 of a queue that is 25 where there is one, as EMR 5 has by default. */
const PARTITIONED: readonly Metric[] = [
  each(RESOURCES, gauge('%_memory_bytes', '%MB', 'mebibytes', '% memory of the queue.')),
  each(RESOURCES, gauge('%_vcores', '%VCores', 'none', '% vcores of the queue.')),
];

const WHOLE: readonly Metric[] = [
  each(['Allocated', 'Pending'], gauge('%_containers', '%Containers', 'none', '% containers of the queue.')),
  counter(
    'containers_allocated_total',
    'AggregateContainersAllocated',
    'none',
    'Allocated containers of the queue, ever.',
  ),
  each(['Running', 'Pending'], gauge('applications_%', 'Apps%', 'none', '% applications.')),
  each(
    ['Submitted', 'Completed', 'Failed', 'Killed'],
    counter('applications_%_total', 'Apps%', 'none', '% applications, ever.'),
  ),
  gauge('am_limit_memory_bytes', 'AMResourceLimitMB', 'mebibytes', 'Memory that application masters can have.'),
  gauge('am_limit_vcores', 'AMResourceLimitVCores', 'none', 'Vcores that application masters can have.'),
  gauge('am_used_memory_bytes', 'UsedAMResourceMB', 'mebibytes', 'Memory that application masters have.'),
  gauge('am_used_vcores', 'UsedAMResourceVCores', 'none', 'Vcores that application masters have.'),
];

/** Of root alone, whose numbers are the cluster's. */
const OF_ROOT: readonly Metric[] = [
  gauge('reserved_memory_bytes', 'ReservedMB', 'mebibytes', 'Reserved memory, of root alone.'),
  gauge('reserved_vcores', 'ReservedVCores', 'none', 'Reserved vcores, of root alone.'),
  gauge('max_memory_bytes', 'MaxCapacityMB', 'mebibytes', 'The most memory that root can have.'),
  gauge('max_vcores', 'MaxCapacityVCores', 'none', 'The most vcores that root can have.'),
  counter('containers_preempted_total', 'AggregateContainersPreempted', 'none', 'Preempted containers, of root, ever.'),
];

const REST = [
  leftOut('AggregateContainersReleased', 'allocated less current'),
  leftOut('Aggregate*LocalContainersAllocated AggregateOffSwitchContainersAllocated', 'locality: profiling'),
  leftOut('Aggregate*Preempted', 'root has the containers: EMR preempts nothing by default'),
  leftOut('AppAttemptFirstContainerAllocationDelay*', 'ClusterMetrics has the delay of the application master'),
  leftOut('ActiveApplications ActiveUsers', 'applications_running'),
  leftOut('Reserved*', 'a moment before it is allocated: root has memory and vcores'),
  leftOut('Unmanaged*', 'few use it'),
  leftOut('running_*', 'running applications by age: a gauge per threshold'),
  leftOut('Guaranteed* Max*', 'settings: root has the most memory and vcores'),
  leftOut('UsedCapacity AbsoluteUsedCapacity', "allocated over the cluster's or the parent's"),
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
    metrics: [...WHOLE, ...PARTITIONED, ...(depth === 1 ? OF_ROOT : [])],
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
    leftOut: [leftOut('*', 'QueueMetrics has it of the default partition: six series for each of the others')],
  });

/** jmx_exporter cannot count: queues.sh writes the number into the rules, with the queues that are not read. */
const dropped: Bean = bean('java.lang:type=Runtime', PREFIX.replace('queue_', 'queues_'), {
  metrics: [
    {
      ...gauge(
        'dropped',
        'Uptime',
        'none',
        'Queues that are not shown, for there are too many. Counted on the node (queues.sh).',
      ),
      text: { pattern: '.+', value: 0 },
    },
  ],
});

export const queues: readonly Bean[] = [...DEPTHS.map(queue), ...DEPTHS.map(partition), dropped];
