/** Time of the simulated account: real in the demo, virtual in tests. */
export interface Clock {
  now(): Date;
  /** Runs `task` once, `ms` from now; the answer cancels it. */
  after(ms: number, task: () => void | Promise<void>): () => void;
}

export interface VirtualClock extends Clock {
  /** Runs everything that falls due in the next `ms`, in order of time, each task to its end. */
  advance(ms: number): Promise<void>;
}

export const realClock = (): Clock => ({
  now: () => new Date(),
  after(ms, task) {
    const timer = setTimeout(() => void task(), ms);
    return () => clearTimeout(timer);
  },
});

interface Due {
  readonly at: number;
  readonly task: () => void | Promise<void>;
}

export function virtualClock(start: Date): VirtualClock {
  let time = start.getTime();
  let agenda: readonly Due[] = [];
  return {
    now: () => new Date(time),
    after(ms, task) {
      const due: Due = { at: time + Math.max(0, ms), task };
      const later = agenda.findIndex(({ at }) => at > due.at);
      agenda = later === -1 ? [...agenda, due] : agenda.toSpliced(later, 0, due);
      return () => {
        agenda = agenda.filter((other) => other !== due);
      };
    },
    async advance(ms) {
      const end = time + ms;
      for (let next = agenda[0]; next !== undefined && next.at <= end; next = agenda[0]) {
        agenda = agenda.slice(1);
        time = next.at;
        await next.task();
      }
      time = end;
    },
  };
}
