import { dashboard } from './dashboard.ts';
import { application } from './spark/application.ts';
import { memory } from './spark/memory.ts';
import { now } from './spark/now.ts';
import { scheduler, streaming } from './spark/scheduler.ts';
import { tasks, work } from './spark/tasks.ts';
import { OF_CLUSTER } from './variables.ts';

export const spark = dashboard({
  name: 'spark',
  title: 'EMR / Spark',
  description:
    'Spark applications of one cluster: which is slow, and what its tasks wait for. A process’s series end with it.',
  variables: [...OF_CLUSTER, application],
  from: 'now-1h',
  rows: [now, tasks, work, memory, scheduler, streaming],
});
