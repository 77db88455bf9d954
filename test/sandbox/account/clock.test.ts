import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { virtualClock } from '../../../sandbox/account/clock.ts';

test('tasks run in order of time, those of the same time in the order in which they were planned', async () => {
  const delays = fc.array(fc.nat(20), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(delays, async (all) => {
      const clock = virtualClock(new Date(0));
      const ran: (readonly [at: number, n: number])[] = [];
      for (const [n, delay] of all.entries()) clock.after(delay, () => void ran.push([clock.now().getTime(), n]));
      await clock.advance(20);
      expect(ran).toEqual(all.map((at, n) => [at, n] as const).toSorted(([a, m], [b, n]) => a - b || m - n));
    }),
  );
});

test('what a task plans runs in the same advance if it falls due in it, else in a later one', async () => {
  const clock = virtualClock(new Date(0));
  const ran: string[] = [];
  clock.after(10, () => {
    clock.after(0, () => void ran.push('at once'));
    clock.after(5, () => void ran.push('soon'));
    clock.after(6, () => void ran.push('later'));
  });
  await clock.advance(15);
  expect(ran).toEqual(['at once', 'soon']);
  await clock.advance(1);
  expect(ran).toEqual(['at once', 'soon', 'later']);
});

test('a task that was cancelled does not run, even by one of the same time', async () => {
  const clock = virtualClock(new Date(0));
  const ran: string[] = [];
  clock.after(1, () => cancel());
  const cancel = clock.after(1, () => void ran.push('cancelled'));
  clock.after(1, () => void ran.push('kept'));
  await clock.advance(1);
  expect(ran).toEqual(['kept']);
});

test('a hundred thousand tasks are planned, a third of them cancelled, and run in seconds of the processor', async () => {
  const clock = virtualClock(new Date(0));
  let ran = 0;
  const began = process.cpuUsage();
  for (let n = 0; n < 100_000; n += 1) {
    const cancel = clock.after((n * 7919) % 3_600_000, () => void (ran += 1));
    if (n % 3 === 0) cancel();
  }
  await clock.advance(3_600_000);
  expect(ran).toBe(66_666);
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1e6).toBeLessThan(5);
});
