import { describe, expect, test } from 'vitest';
import { deliver, INSTALLED, MINUTE, sample, SECOND, world } from '../fakes/world.ts';

const CORES = {
  groups: [
    { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 },
    { role: 'CORE', instanceType: 'm5.xlarge', market: 'SPOT', count: 1 },
  ],
} as const;
const failing = { exitCode: 1, stdout: '', stderr: 'no space left' };

test('each decision of a cluster’s life is one line with cluster, node, exporter, reason and order id', async () => {
  const { account, clock, deploy, launch, lines, nodes, sweep, sweepFor } = world();
  const id = await launch(CORES);
  const [master, core] = nodes(id);
  const both = nodes(id).toSorted();
  await sweepFor(3 * MINUTE);
  account.emr.replaceNode(core ?? 'i-', { replacement: false });
  await clock.advance(MINUTE);
  await sweep();
  const next = deploy({ selection: { tags: { Project: ['Ml'] } } });
  await sweepFor(3 * MINUTE, next);
  account.emr.terminate(id);
  await sweepFor(3 * MINUTE, next);

  const on = { clusterId: id, exporter: 'node' };
  const install = { ...on, orderId: 'order-1' };
  const removal = { ...on, orderId: 'order-2' };
  const decided = lines.map(({ message, fields: { commands: _, ...fields } }) => ({ message, ...fields }));
  expect(decided).toEqual([
    ...both.map((node) => ({ message: 'decided', ...install, action: 'order', node, reason: 'missing' })),
    { message: 'order sent', ...install, nodes: 2, refused: [] },
    ...both.map((node) => ({ message: 'result', ...install, node, outcome: 'installed' })),
    { message: 'decided', clusterId: id, action: 'forget', node: core, reason: 'node is gone' },
    { message: 'decided', ...removal, action: 'order', node: master, reason: 'wanted no more' },
    { message: 'order sent', ...removal, nodes: 1, refused: [] },
    { message: 'result', ...removal, node: master, outcome: 'removed' },
    { message: 'decided', clusterId: id, action: 'end', reason: 'cluster TERMINATED' },
  ]);
});

test('a run that fails is one warning with the reason, and the next order says what it follows', async () => {
  const { install, launch, lines, nodes, sweepFor } = world();
  install(() => failing);
  const id = await launch();
  await sweepFor(5 * MINUTE);
  const [node] = nodes(id);
  expect(lines.filter(({ message }) => message !== 'order sent').slice(1, 3)).toMatchObject([
    { level: 'warn', message: 'result', fields: { clusterId: id, node, orderId: 'order-1', outcome: 'failed' } },
    { level: 'info', message: 'decided', fields: { clusterId: id, node, action: 'order', orderId: 'order-2' } },
  ]);
  const reasons = lines.map(({ fields }) => String(fields['reason']));
  expect(reasons[2]).toContain('no space left');
  expect(reasons[3]).toMatch(/^failed: .*no space left$/s);
});

describe('an hour of sweeps logs no line', () => {
  test('while all clusters rest', async () => {
    const { launch, lines, sweepFor } = world();
    await launch(CORES);
    await launch();
    await sweepFor(5 * MINUTE);
    const before = lines.length;
    await sweepFor(60 * MINUTE);
    expect(lines.slice(before)).toEqual([]);
  });

  test('while nodes wait for their agent, a policy, a rollout or a person', async () => {
    const { deploy, install, launch, lines, sweepFor } = world({ register: () => undefined });
    await launch();
    await sweepFor(5 * MINUTE);
    const before = lines.length;
    await sweepFor(60 * MINUTE);
    expect(lines.slice(before)).toEqual([]);
    const paused = deploy({ policies: { dryRun: true, pauseInstalls: true, limitDeletes: { nodes: 0 } } });
    install(() => failing);
    await sweepFor(60 * MINUTE, paused);
    expect(lines.slice(before)).toEqual([]);
  });

  test('while a node is given up', async () => {
    const { install, launch, lines, meters, sweepFor } = world();
    install(() => failing);
    await launch();
    await sweepFor(60 * MINUTE);
    const before = lines.length;
    await sweepFor(60 * MINUTE);
    expect(lines.slice(before)).toEqual([]);
    expect(meters.get('Nodes{exporter="node",phase="gaveUp"}')).toBe(1);
  });
});

describe('the metrics say', () => {
  test('how many nodes are in which phase, and how orders ended', async () => {
    const { account, install, launch, meters, nodes, sweepFor } = world();
    const id = await launch(CORES);
    const [master] = nodes(id);
    install((command) => (command.node === master ? INSTALLED(command) : failing));
    await sweepFor(2 * MINUTE);
    expect([
      meters.get('Clusters'),
      meters.get('Nodes{exporter="node",phase="installed"}'),
      meters.get('Nodes{exporter="node",phase="failed"}'),
      meters.get('OrdersEnded{exporter="node",outcome="installed"}'),
      meters.get('OrdersEnded{exporter="node",outcome="failed"}'),
    ]).toEqual([1, undefined, undefined, 1, 1]);
    await sweepFor(MINUTE);
    expect(meters.get('Nodes{exporter="node",phase="installed"}')).toBe(1);
    expect(account.commands.commands().length).toBe(meters.get('OrdersSent'));
  });

  test('how many doorbells failed, were put off and lost a race', async () => {
    const { app, container, faults, launch, meters } = world();
    const id = await launch();
    faults.arm({ kind: 'error', status: 403, code: 'AccessDeniedException' }, { operation: 'DescribeCluster' });
    await deliver([sample('emr-cluster-running', { clusterId: id })], app);
    const { budget, ...rest } = container();
    await deliver([{ clusterId: id }], { ...rest, budget: { ...budget, waitForLook: () => SECOND } });
    faults.arm({ kind: 'error', status: 412, code: 'PreconditionFailed' }, { operation: 'PutObject' });
    await deliver([{ clusterId: id }], app);
    expect([meters.get('ReconcilesFailed'), meters.get('DoorbellsPutOff'), meters.get('RacesLost')]).toEqual([1, 1, 1]);
  });

  test('that orders which SSM denies are put off, from the fortieth minute on, each minute until the right is back', async () => {
    const { faults, launch, meters, sweepFor } = world();
    await launch();
    const denied = { kind: 'error', status: 400, code: 'AccessDeniedException' } as const;
    faults.arm(denied, { operation: 'SendCommand', times: 1000 });
    const minutes = async (count: number): Promise<readonly (number | undefined)[]> => {
      const said: (number | undefined)[] = [];
      for (let minute = 0; minute < count; minute += 1) {
        await sweepFor(MINUTE).catch(() => undefined);
        said.push(meters.get('NodesPutOff'));
      }
      return said;
    };
    const before = await minutes(180);
    expect([before[0], new Set(before.slice(40))]).toEqual([0, new Set([1])]);
    faults.clear();
    expect((await minutes(65)).at(-1)).toBe(0);
  });
});
