/** What one piece of work took of this process. */
export interface Spent {
  /** All threads, the system's part too. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** The most that the process ever had in memory. */
  readonly peakMb: number;
}

export async function spent(work: () => Promise<unknown>): Promise<Spent> {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  // maxRSS is in kilobytes (Node, process.resourceUsage).
  return {
    cpuMs: (user + system) / 1000,
    wallMs: performance.now() - begun,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
}
