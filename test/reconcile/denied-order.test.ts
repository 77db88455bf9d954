import { expect, test } from 'vitest';
import { ConfigError } from '../../shared/core/errors.ts';
import { MINUTE, world } from '../fakes/world.ts';

test('an order that AWS denies is tried ever more seldom, an hour apart at last, and says why in the record', async () => {
  const { clock, container, sweep, launch, nodes, work, lines } = world();
  const sent: number[] = [];
  const { commands, ...rest } = container({}, 'sweep');
  const denied = new ConfigError('ssm:SendCommand: AccessDeniedException: not authorized');
  const send = (): Promise<never> => {
    sent.push(clock.now().getTime());
    return Promise.reject(denied);
  };
  const sweeper = { ...rest, commands: { ...commands, send } };
  const id = await launch();
  for (let minute = 0; minute < 180; minute += 1) {
    await clock.advance(MINUTE);
    await sweep(sweeper).catch(() => undefined); // it fails with its cluster
  }
  const [node = 'i-'] = nodes(id);
  expect(sent.slice(1).map((at, n) => (at - (sent[n] ?? 0)) / MINUTE)).toEqual([1, 2, 4, 8, 16, 32, 60]);
  expect(await work(id, node)).toMatchObject({ phase: 'waiting', attempt: 0, reason: denied.message });
  expect(lines.filter(({ level, message }) => level === 'error' && message === 'reconcile failed')).toHaveLength(8);
});
