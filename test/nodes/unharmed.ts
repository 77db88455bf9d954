import { expect } from 'vitest';
import type { DaemonName } from '../../sandbox/hadoop/daemon-table.ts';
import { daemonProcesses, type DaemonProcesses } from '../../sandbox/hadoop/run-daemons.ts';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';

/** Rule one: nothing of ours can kill a daemon. */
export interface DaemonWatch {
  /** The test has started or ended these daemons itself, or all of them: those that run now must stay. */
  remember(...names: readonly DaemonName[]): Promise<DaemonProcesses>;
  /** Every daemon has the process id and the start time it had. */
  expectUnharmed(): Promise<void>;
}

export function watchDaemons(node: SandboxNode): DaemonWatch {
  let known: DaemonProcesses = {};
  return {
    async remember(...names) {
      const isNamed = ([name]: readonly [string, unknown]) => names.length === 0 || names.some((own) => own === name);
      const others = Object.entries(known).filter((daemon) => !isNamed(daemon));
      const now = Object.entries(await daemonProcesses(node)).filter(isNamed);
      return (known = Object.fromEntries([...others, ...now]));
    },
    async expectUnharmed() {
      expect(await daemonProcesses(node)).toEqual(known);
    },
  };
}
