import { hadoop, hadoopLeftOut, rpcDetailedLeftOut } from './hadoop.ts';
import { queues } from './queues.ts';
import { bean, gauge, leftOut, state, timed, type Bean, type DaemonRules } from './table.ts';

const SERVICE = 'Hadoop:service=ResourceManager,name=';
const PREFIX = 'yarn_resourcemanager_';

const nodeManagers = (attribute: string, of: string) =>
  gauge('nodemanagers', attribute, 'none', 'NodeManagers by state.', { state: of });

const events = (attribute: string, dispatcher: string) =>
  gauge('dispatcher_queue_length', attribute, 'none', 'Events that wait in a dispatcher.', { dispatcher });

// RMNodeImpl.updateClusterUtilizationMetrics takes the nodes' use, not the containers'.
const UTILIZED = '% in use on the nodes by anything, scaled to what YARN may give away.';

const cluster: Bean = bean(`${SERVICE}ClusterMetrics`, PREFIX, {
  metrics: [
    nodeManagers('NumActiveNMs', 'active'),
    nodeManagers('NumLostNMs', 'lost'),
    nodeManagers('NumUnhealthyNMs', 'unhealthy'),
    nodeManagers('NumDecommissioningNMs', 'decommissioning'),
    nodeManagers('NumDecommissionedNMs', 'decommissioned'),
    nodeManagers('NumRebootedNMs', 'rebooted'),
    nodeManagers('NumShutdownNMs', 'shutdown'),
    gauge('memory_bytes', 'CapabilityMB', 'mebibytes', 'Memory of all NodeManagers.'),
    gauge('vcores', 'CapabilityVirtualCores', 'none', 'Vcores of all NodeManagers.'),
    gauge('utilized_memory_bytes', 'UtilizedMB', 'mebibytes', UTILIZED.replace('%', 'Memory')),
    gauge('utilized_vcores', 'UtilizedVirtualCores', 'none', UTILIZED.replace('%', 'Vcores')),
    events('RmDispatcherEventQueueSize', 'resourcemanager'),
    events('SchedulerDispatcherEventQueueSize', 'scheduler'),
    gauge(
      'event_processor_cpu_ratio',
      'RmEventProcCPUAvg',
      'microseconds a second',
      "Use of a core by the scheduler's thread, in the last minute.",
    ),
    ...timed('am_launches', 'AMLaunchDelay', 'milliseconds', 'Application masters launched'),
    ...timed('am_registrations', 'AMRegisterDelay', 'milliseconds', 'Application masters registered'),
    ...timed('am_allocations', 'AMContainerAllocationDelay', 'milliseconds', 'Application masters given a container'),
  ],
  leftOut: [
    leftOut('ContainerAssignedPerSecond', 'a rate of queue_containers_allocated_total'),
    leftOut('RmEventProcCPUMax', 'the highest since the start'),
  ],
});

const scheduler: Bean = bean(`${SERVICE}CapacitySchedulerMetrics`, `${PREFIX}scheduler_`, {
  metrics: [
    ...timed('allocations', 'Allocate', 'nanoseconds', 'Requests of application masters'),
    ...timed('commits', 'CommitSuccess', 'nanoseconds', 'Proposals accepted'),
    ...timed('commit_failures', 'CommitFailure', 'nanoseconds', 'Proposals refused'),
    ...timed('node_updates', 'NodeUpdate', 'nanoseconds', 'Heartbeats of NodeManagers handled'),
  ],
  leftOut: [leftOut('SchedulerNodeHBInterval*', 'a setting, measured')],
});

const info: Bean = bean(`${SERVICE}RMInfo`, PREFIX, {
  metrics: [
    state(
      'ha_state',
      'State',
      '1, with the state as a label: active, standby. From Hadoop 3.3 on (emr-6.9): before, the active ResourceManager ' +
        'is the one whose sum of nodemanagers is not 0.',
    ),
  ],
  leftOut: [leftOut('SecurityEnabled', 'a setting')],
});

export const resourceManager: DaemonRules = {
  daemon: 'resourcemanager',
  isTested: true,
  beans: [...queues, cluster, scheduler, info, ...hadoop('ResourceManager')],
  leftOut: [
    ...hadoopLeftOut('ResourceManager'),
    rpcDetailedLeftOut('ResourceManager'),
    { objectName: `${SERVICE}PartitionQueueMetrics,partition=*`, reason: 'the sum of its queues: root has it' },
    { objectName: `${SERVICE}PartitionQueueMetrics,partition=,*`, reason: 'QueueMetrics has it', isExcluded: true },
    { objectName: `${SERVICE}QueueMetrics,*user=*`, reason: 'as many as there are users' },
    { objectName: `${SERVICE}PartitionQueueMetrics,*user=*`, reason: 'as many as there are users' },
    { objectName: `${SERVICE}GenericEventTypeMetrics for *`, reason: 'every event of every state machine: profiling' },
    { objectName: `${SERVICE}RMNMInfo`, reason: 'JSON with every NodeManager, built at each read' },
    { objectName: `${SERVICE}ResourceManager`, reason: 'a setting' },
  ],
};
