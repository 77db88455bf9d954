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
  /** Tasks of the same time run in the order in which they were planned. */
  readonly rank: number;
  /** Gone once it is cancelled: taking it out of the heap would mean to search it. */
  task: (() => void | Promise<void>) | undefined;
}

export function virtualClock(start: Date): VirtualClock {
  let time = start.getTime();
  let planned = 0;
  const agenda = heap();
  return {
    now: () => new Date(time),
    after(ms, task) {
      const due: Due = { at: time + Math.max(0, ms), rank: (planned += 1), task };
      agenda.push(due);
      return () => {
        due.task = undefined;
      };
    },
    async advance(ms) {
      const end = time + ms;
      for (let next = agenda.popUntil(end); next !== undefined; next = agenda.popUntil(end)) {
        if (next.task === undefined) continue;
        time = next.at;
        await next.task();
      }
      time = end;
    },
  };
}

const isBefore = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.rank < b.rank);

/** A binary heap, the earliest first. */
function heap() {
  const dues: Due[] = [];

  /** The place of `due` when it has to rise from `index`. */
  function rise(due: Due, index: number): void {
    let at = index;
    for (let above = (at - 1) >> 1; at > 0; above = (at - 1) >> 1) {
      const parent = dues[above];
      if (parent === undefined || !isBefore(due, parent)) break;
      dues[at] = parent;
      at = above;
    }
    dues[at] = due;
  }

  /** The earlier one of the two below `index`. */
  function below(index: number): number {
    const left = 2 * index + 1;
    const one = dues[left];
    const other = dues[left + 1];
    return one !== undefined && other !== undefined && isBefore(other, one) ? left + 1 : left;
  }

  function sink(due: Due): void {
    let at = 0;
    for (let next = below(at); next < dues.length; next = below(at)) {
      const child = dues[next];
      if (child === undefined || isBefore(due, child)) break;
      dues[at] = child;
      at = next;
    }
    dues[at] = due;
  }

  return {
    push: (due: Due): void => rise(due, dues.length),
    /** The earliest, unless it is later than `end`. */
    popUntil(end: number): Due | undefined {
      const [first] = dues;
      if (first === undefined || first.at > end) return undefined;
      const last = dues.pop();
      if (last !== undefined && dues.length > 0) sink(last);
      return first;
    },
  };
}
