/** What processes and the machine did with the processors: where others take of them, a clock alone says little. */
import { readFile } from 'node:fs/promises';

/** USER_HZ: what /proc counts processor time in. */
const TICKS_PER_SECOND = 100;

/** Milliseconds that a process has had so far, all threads, the system's part too. */
export async function processorTime(pid: number): Promise<number> {
  const [, rest = ''] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ');
  const fields = rest.split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

/** Ticks of all processors since the boot: those that the hypervisor gave to others, and all. */
async function machineTime() {
  const [, ...ticks] = (await readFile('/proc/stat', 'utf8')).split('\n', 1)[0]?.split(/ +/).map(Number) ?? [];
  // user, nice, system, idle, iowait, irq, softirq, steal; a guest's are within user's (proc_stat(5)).
  const own = ticks.slice(0, 8);
  return { stolen: own[7] ?? 0, all: own.reduce((sum, some) => sum + some, 0) };
}

export interface Used {
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Share of all processors' time that the hypervisor gave to others. */
  readonly stolen: number;
}

/** Begins to watch; what it answers says what the process has used since, and how much was stolen meanwhile. */
export async function watchProcess(pid: number): Promise<() => Promise<Used>> {
  const begun = { cpu: await processorTime(pid), machine: await machineTime(), at: performance.now() };
  return async () => {
    const machine = await machineTime();
    return {
      cpuMs: (await processorTime(pid)) - begun.cpu,
      wallMs: performance.now() - begun.at,
      stolen: (machine.stolen - begun.machine.stolen) / Math.max(1, machine.all - begun.machine.all),
    };
  };
}

export const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
