import { expect } from 'vitest';
import { daemonProcesses, type DaemonProcesses } from '../../sandbox/hadoop/run-daemons.ts';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';

/** Rule one: nothing of ours can kill a daemon. */
export interface DaemonWatch {
  /** The test has started or ended daemons itself: those that run now must stay. */
  remember(): Promise<DaemonProcesses>;
  /** Every daemon has the process id and the start time it had. */
  expectUnharmed(): Promise<void>;
}

export function watchDaemons(node: SandboxNode): DaemonWatch {
  let known: DaemonProcesses = {};
  return {
    remember: async () => (known = await daemonProcesses(node)),
    async expectUnharmed() {
      expect(await daemonProcesses(node)).toEqual(known);
    },
  };
}
