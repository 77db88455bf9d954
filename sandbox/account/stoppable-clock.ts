import type { Clock } from './clock.ts';

export interface StoppableClock extends Clock {
  /** Nothing that was planned happens any more: timers of minutes would keep a finished process alive. */
  stop(): void;
}

export function stoppable(clock: Clock): StoppableClock {
  const planned = new Set<() => void>();
  let stopped = false;
  return {
    now: () => clock.now(),
    after(ms, task) {
      if (stopped) return () => {};
      const cancel = clock.after(ms, () => {
        planned.delete(cancel);
        return task();
      });
      planned.add(cancel);
      return () => {
        planned.delete(cancel);
        cancel();
      };
    },
    stop() {
      stopped = true;
      for (const cancel of planned) cancel();
      planned.clear();
    },
  };
}
