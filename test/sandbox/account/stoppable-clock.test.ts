import { expect, test } from 'vitest';
import { virtualClock } from '../../../sandbox/account/clock.ts';
import { stoppable } from '../../../sandbox/account/stoppable-clock.ts';

test('a stopped clock runs nothing that was planned before or after, and leaves the clock beneath alone', async () => {
  const beneath = virtualClock(new Date(0));
  const clock = stoppable(beneath);
  const ran: string[] = [];
  const plan = (name: string) => clock.after(1000, () => void ran.push(name));
  plan('kept');
  plan('cancelled')();
  await beneath.advance(1000);
  plan('planned');
  beneath.after(1000, () => void ran.push('beneath'));
  clock.stop();
  plan('too late');
  await beneath.advance(5000);
  expect(ran).toEqual(['kept', 'beneath']);
});
