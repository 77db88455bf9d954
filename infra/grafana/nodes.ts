import { dashboard } from './dashboard.ts';
import { cpu } from './nodes/cpu.ts';
import { disks, waiting } from './nodes/disks.ts';
import { fileSystems } from './nodes/file-systems.ts';
import { machines } from './nodes/machines.ts';
import { memory } from './nodes/memory.ts';
import { network } from './nodes/network.ts';
import { system } from './nodes/system.ts';
import { use } from './nodes/use.ts';
import { OF_NODES } from './variables.ts';

export const nodes = dashboard({
  name: 'nodes',
  title: 'EMR / Nodes',
  description: 'The machines of one cluster: who is busy, full, slow or silent. Choose a role or nodes above.',
  variables: [...OF_NODES, waiting],
  rows: [machines, use, cpu, disks, memory, network, fileSystems, system],
});
