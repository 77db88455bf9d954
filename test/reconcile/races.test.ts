import { expect, test } from 'vitest';
import { ConflictError, UnavailableError } from '../../shared/core/errors.ts';
import { parseTargets } from '../../shared/core/parse-targets.ts';
import { NO_HINTS } from '../../shared/look.ts';
import type { Order } from '../../shared/core/model.ts';
import type { App } from '../../shared/ports.ts';
import { reconcile } from '../../shared/reconcile.ts';
import { MINUTE, SECOND, world } from '../fakes/world.ts';

const CORES = {
  groups: [
    { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 },
    { role: 'CORE', instanceType: 'm5.xlarge', market: 'SPOT', count: 2 },
  ],
} as const;

const saveIn =
  ({ records }: App): App['records']['save'] =>
  (record, etag) =>
    records.save(record, etag);

/** Runs `first` before the first call only. */
function once<A extends unknown[], R>(call: (...input: A) => Promise<R>, first: () => Promise<unknown>) {
  let isFirst = true;
  return async (...input: A): Promise<R> => {
    const [isNow] = [isFirst, (isFirst = false)];
    if (isNow) await first();
    return await call(...input);
  };
}

test('two reconciles at the same time send one order', async () => {
  const { account, launch, container, sweepFor, targets } = world();
  const id = await launch(CORES);
  await Promise.all([reconcile(id, NO_HINTS, container()), reconcile(id, NO_HINTS, container())]);
  expect(account.commands.commands()).toHaveLength(1);
  await sweepFor(MINUTE);
  expect(await targets(id)).toHaveLength(3);
});

test('whoever loses the race for the record plans again from it, and orders nothing twice', async () => {
  const { app, account, launch, container, lines, record } = world();
  const id = await launch(CORES);
  const winner = container();
  const save = once(saveIn(app), () => reconcile(id, NO_HINTS, winner));
  await reconcile(id, NO_HINTS, container({ records: { ...app.records, save } }));
  expect(account.commands.commands()).toHaveLength(1);
  expect(lines.filter(({ message }) => message === 'order sent')).toHaveLength(1);
  expect((await record(id))?.writer).toBe(winner.writer);
});

test('nodes that somebody else ordered for while a batch was sent are left out of the next one', async () => {
  const { app, account, launch, container, sweepFor, targets } = world();
  const { groups } = CORES;
  const id = await launch({ groups: [groups[0], { ...groups[1], count: 60 }] });
  const send = once(
    (order: Order) => app.commands.send(order),
    () => reconcile(id, NO_HINTS, container()),
  );
  await reconcile(id, NO_HINTS, container({ commands: { ...app.commands, send } }));
  const ordered = account.commands.commands().flatMap(({ nodes }) => nodes);
  expect(ordered.toSorted()).toEqual([...new Set(ordered)].toSorted());
  expect(ordered).toHaveLength(61);
  await sweepFor(MINUTE);
  expect(await targets(id)).toHaveLength(61);
});

test('a race that is lost five times is given up, and says so', async () => {
  const { app, launch, container } = world();
  const id = await launch();
  let tries = 0;
  const save = async (): Promise<never> => {
    tries += 1;
    throw new ConflictError('changed since it was read');
  };
  const loser = container({ records: { ...app.records, save } });
  await expect(reconcile(id, NO_HINTS, loser)).rejects.toThrow('changed since it was read');
  expect(tries).toBe(5);
});

test('what fails and is no lost race is left to whoever rang: the queue, or the next sweep', async () => {
  const { app, launch, container } = world();
  const id = await launch();
  let tries = 0;
  const save = async (): Promise<never> => {
    tries += 1;
    throw new UnavailableError('503');
  };
  await expect(reconcile(id, NO_HINTS, container({ records: { ...app.records, save } }))).rejects.toThrow('503');
  expect(tries).toBe(1);
});

test('a lost race waits before it tries again, longer each time', async () => {
  const { app, launch, container } = world();
  const id = await launch();
  const slept: number[] = [];
  const save = () => Promise.reject(new ConflictError('changed'));
  const loser = container({ records: { ...app.records, save }, sleep: async (ms) => void slept.push(ms) });
  await expect(reconcile(id, NO_HINTS, loser)).rejects.toThrow('changed');
  expect(slept).toHaveLength(4);
  expect(slept).toEqual(slept.toSorted((a, b) => a - b));
});

test('a node that the winner of a race saw go does not come back by the loser’s older look', async () => {
  const { app, account, launch, clock, container, record, nodes } = world();
  const id = await launch(CORES);
  const [, lost = 'i-'] = nodes(id);
  const save = once(saveIn(app), async () => {
    account.emr.replaceNode(lost, { replacement: false });
    await clock.advance(5 * SECOND);
    await reconcile(id, NO_HINTS, container());
  });
  await reconcile(id, NO_HINTS, container({ records: { ...app.records, save } }));
  expect(Object.keys((await record(id))?.nodes ?? {})).toEqual(nodes(id).toSorted());
  expect(nodes(id)).not.toContain(lost);
  expect(account.commands.commands().flatMap((command) => command.nodes)).not.toContain(lost);
});

test('the target file of an older record cannot come back', async () => {
  const { app, account, launch, clock, container, sweepFor, nodes } = world();
  const id = await launch(CORES);
  await sweepFor(2 * MINUTE);
  const [, first = 'i-', second = 'i-'] = nodes(id);
  const written: string[][] = [];
  const put: typeof app.targets.put = async (one, file, etag) => {
    const answer = await app.targets.put(one, file, etag);
    written.push(parseTargets(file.body).flatMap(({ labels }) => labels['instance'] ?? []));
    return answer;
  };
  const winner = container({ targets: { ...app.targets, put } });
  account.emr.replaceNode(first, { replacement: false });
  await clock.advance(100);
  const slow = container({
    targets: {
      ...app.targets,
      put: once(put, async () => {
        account.emr.replaceNode(second, { replacement: false });
        await clock.advance(100);
        await reconcile(id, NO_HINTS, winner);
      }),
    },
  });
  await reconcile(id, NO_HINTS, slow);
  expect(written).toEqual([[nodes(id)[0]]]);
});

test('a target file of a newer record is left alone', async () => {
  const { app, launch, sweepFor, sweep } = world();
  const id = await launch();
  await sweepFor(2 * MINUTE);
  const current = await app.targets.read(id);
  await app.targets.put(id, { body: '[]\n', sequence: 1_000 }, current?.etag);
  await sweep();
  expect((await app.targets.read(id))?.value.sequence).toBe(1_000);
});

test('a target file that changed since it was read (412) is read and written again', async () => {
  const { app, launch, clock, container, targets } = world();
  const id = await launch();
  await reconcile(id, NO_HINTS, container());
  await clock.advance(MINUTE);
  const put = once(
    (...file: Parameters<App['targets']['put']>) => app.targets.put(...file),
    () => Promise.reject(new ConflictError('412')),
  );
  await reconcile(id, NO_HINTS, container({ targets: { ...app.targets, put } }));
  expect(await targets(id)).toHaveLength(1);
});

test('a reconcile that began before its cluster’s end sends nothing and leaves nothing behind but ended/', async () => {
  const { app, account, launch, clock, container, sweepFor, keys } = world();
  const id = await launch(CORES);
  await sweepFor(2 * MINUTE);
  account.emr.resize(account.emr.groups(id)[1]?.id ?? 'ig-', 3);
  await clock.advance(10 * SECOND);
  const save = once(saveIn(app), async () => {
    account.emr.terminate(id);
    await clock.advance(10 * SECOND);
    await reconcile(id, NO_HINTS, container());
  });
  await reconcile(id, NO_HINTS, container({ records: { ...app.records, save } }));
  expect(keys()).toEqual([`ended/${id}.json`]);
  expect(account.commands.commands()).toHaveLength(1);
});
