import { NEUTRAL, NONE_IS_GOOD, worseAbove, worseBelow, type Steps } from '../panel.ts';
import type { Row } from '../rows.ts';
import { IN_CLUSTER } from '../selectors.ts';
import { stat } from '../stat.ts';

const WIDTH = 3;
const number = (title: string, description: string, expr: string, unit = 'short', steps: Steps = NEUTRAL) =>
  stat({ title, description, unit, steps, width: WIDTH, queries: [{ expr }] });

const ofCluster = (name: string): string => `max(emr_cluster:yarn_${name}{${IN_CLUSTER}})`;
const nodeManagers = (states: string): string =>
  `sum(emr_cluster:yarn_nodemanagers:max{${IN_CLUSTER}, state=~"${states}"})`;

export const now: Row = {
  title: 'YARN now',
  panels: [
    number(
      'ResourceManagers answering',
      'Share of the ResourceManagers whose metrics can be read; there are one, or up to three with three masters. 0 %: nothing can start.',
      `avg(up{${IN_CLUSTER}, daemon="resourcemanager"})`,
      'percentunit',
      worseBelow(1, 0.5),
    ),
    number('Active NodeManagers', 'Nodes that take containers.', nodeManagers('active')),
    number(
      'Unhealthy NodeManagers',
      'Nodes that take no containers, nearly always for a full disk: 90 % of /mnt used is the limit.',
      nodeManagers('unhealthy'),
      'short',
      NONE_IS_GOOD,
    ),
    number(
      'Missing NodeManagers',
      'Nodes that should have a NodeManager, and that YARN does not have. A starting or leaving node for minutes; longer: it hangs, and is paid for.',
      `clamp_min(count(up{${IN_CLUSTER}, daemon="nodemanager"} unless on (instance) emr_node_leaving) - ${nodeManagers('active|unhealthy|decommissioning')}, 0)`,
      'short',
      worseAbove(1, 5),
    ),
    number(
      'Memory allocated',
      'Share of all NodeManagers’ memory. Full is fine while nothing waits; nearly empty for hours: too many nodes.',
      ofCluster('memory_allocated:ratio'),
      'percentunit',
    ),
    number(
      'Vcores allocated',
      'EMR’s default scheduler counts memory alone: then each container has one vcore here, whatever it uses.',
      ofCluster('vcores_allocated:ratio'),
      'percentunit',
    ),
    number('Applications running', 'Of all queues.', ofCluster('applications_running:sum')),
    number(
      'Applications pending',
      'They wait for their first container: no room, or the queue’s share for application masters is used up.',
      ofCluster('applications_pending:sum'),
      'short',
      worseAbove(1, 10),
    ),
    number('Containers running', 'Of all queues.', ofCluster('containers_allocated:sum')),
    number(
      'Containers pending',
      'Containers that applications ask for and do not have. With free memory beside it: a limit of the queue.',
      ofCluster('containers_pending:sum'),
      'short',
      worseAbove(1, 1000),
    ),
    number('Memory', 'Of all NodeManagers, for containers.', ofCluster('memory_bytes:sum'), 'bytes'),
    number('Memory free', 'Neither allocated nor reserved.', ofCluster('memory_available_bytes:sum'), 'bytes'),
    number('Memory pending', 'Asked for and not had.', ofCluster('memory_pending_bytes:sum'), 'bytes'),
    number(
      'Being emptied',
      'NodeManagers that are decommissioned: a scale-in in progress.',
      nodeManagers('decommissioning'),
    ),
    number(
      'Containers that failed',
      'Within the time shown, of all nodes. Preempted and killed ones are not among them.',
      `sum(increase(yarn_nodemanager_containers_ended_total{${IN_CLUSTER}, result="failed"}[$__range]))`,
    ),
    number(
      'Queues not shown',
      'Only 50 queues are read of a ResourceManager; so many others there are.',
      `max(yarn_resourcemanager_queues_dropped{${IN_CLUSTER}})`,
      'short',
      worseAbove(1, 1000),
    ),
  ],
};
