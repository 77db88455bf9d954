import type { Command } from '../../sandbox/account/ssm-model.ts';
import { isOpen } from '../../sandbox/account/ssm-model.ts';
import type { ClusterId, CommandId, InstanceId, OrderId, WorkAction } from '../../shared/core/model.ts';
import type { ClusterRecord, ExporterState, Work } from '../../shared/core/record.ts';
import { type Claim, claimedBeforeSent } from './invariants/claimed-before-sent.ts';
import { type Fate, oneLiveOrder } from './invariants/one-live-order.ts';
import { oneRunAtATime } from './invariants/one-run-at-a-time.ts';
import { ordersFindRunningNodes } from './invariants/orders-find-running-nodes.ts';
import { sixAttempts } from './invariants/six-attempts.ts';
import { LEASE } from '../../shared/core/retry.ts';
import { watchRollouts } from './rollout-watch.ts';
import { LOOK_AGE, START } from './time.ts';
import { type Truth, wasWanted } from './truth.ts';
import type { World } from './world.ts';

/** All orders of a history, as the records claimed them and as SSM got them. */
export interface Orders {
  /** `fleet`: all records as they stood before. */
  readonly claimed: (before: ClusterRecord | undefined, after: ClusterRecord, fleet: Fleet) => void;
  /** The record of an ended cluster is deleted. */
  readonly deleted: (record: ClusterRecord | undefined) => void;
  readonly sent: (command: Command) => void;
  readonly fate: (order: OrderId, node: InstanceId) => Fate;
  /** Milliseconds of the history at which its run on the node ended. */
  readonly endedAt: (order: OrderId, node: InstanceId) => number;
}

type Fleet = ReadonlyMap<ClusterId, { readonly value: ClusterRecord }>;

interface Known extends Claim {
  readonly exporter: string;
  readonly action: WorkAction;
  readonly revision: string;
  readonly nodes: Set<InstanceId>;
}

export function createOrders(
  { account, elapsed, deployment }: Omit<World, 'ledger'>,
  truth: Truth,
  report: (invariant: string, problem: string | undefined) => void,
): Orders {
  const rollouts = watchRollouts({ deployment, elapsed });
  const claims = new Map<OrderId, Known>();
  const commands = new Map<OrderId, CommandId>();
  /** By node and exporter, oldest first. */
  const placed = new Map<string, OrderId[]>();

  /** How many of them came before somebody's `force`. */
  const forced = new Map<string, number>();

  /** Only backfill resets what failed. */
  function forget(before: ClusterRecord | undefined, after: ClusterRecord): void {
    if (!after.writer.startsWith('backfill')) return;
    for (const [key, attempt] of attemptsOf(before)) {
      if ((attemptsOf(after).get(key) ?? 0) < attempt) forced.set(key, placed.get(key)?.length ?? 0);
    }
  }

  function invocation(order: OrderId, node: InstanceId) {
    const command = commands.get(order);
    return command === undefined ? undefined : account.commands.command(command)?.invocations.get(node);
  }
  function fate(order: OrderId, node: InstanceId): Fate {
    const found = invocation(order, node);
    if (found === undefined) return 'notSent';
    if (isOpen(found.status)) return 'running';
    const { endedAt, output = '' } = found.plugins.at(-1) ?? {};
    const isOld = endedAt !== undefined && endedAt.getTime() - START.getTime() < elapsed() - LOOK_AGE;
    return isOld && found.status === 'Success' && output.startsWith('PROMETHEUS_ON_EMR') ? 'done' : 'ended';
  }
  const hasFailed = (order: OrderId, node: InstanceId): boolean => {
    const found = invocation(order, node);
    return found?.status === 'Failed' && found.plugins.at(-1)?.code !== 75;
  };

  /** Failed runs of the same action and revision since anything else came between. */
  function failuresBefore(order: OrderId, key: string, node: InstanceId): number {
    const { action, revision } = claims.get(order) ?? {};
    let failures = 0;
    for (const earlier of (placed.get(key) ?? []).slice(forced.get(key) ?? 0).toReversed()) {
      const claim = claims.get(earlier);
      if (earlier === order || invocation(earlier, node) === undefined) continue;
      if (claim?.action !== action || claim?.revision !== revision) break;
      if (hasFailed(earlier, node)) failures += 1;
    }
    return failures;
  }

  function place(
    record: ClusterRecord,
    node: InstanceId,
    exporter: string,
    had: ExporterState | undefined,
    work: Work,
    fleet: Fleet,
  ): void {
    const { orderId, action, revision } = work;
    const was = had?.work;
    if (orderId === undefined || orderId === was?.orderId) return;
    const at = elapsed();
    const known = claims.get(orderId) ?? { at, exporter, action, revision, nodes: new Set() };
    claims.set(orderId, known);
    known.nodes.add(node);
    const key = `${node} ${exporter}`;
    placed.set(key, [...(placed.get(key) ?? []), orderId]);
    const now = START.getTime() + at;
    report(
      'one live order',
      oneLiveOrder(was, { orderId, at: now }, (order) => fate(order, node)),
    );
    report('orders find running nodes', ordersFindRunningNodes(orderId, at, receiver(record, node, known)));
    if (action === 'install' && isUpgrade(had, revision)) {
      report('rollouts keep their order', rollouts.begun(record, { node, exporter, revision }, fleet));
    }
    report('six attempts', sixAttempts(orderId, failuresBefore(orderId, key, node)));
  }

  function receiver({ clusterId }: ClusterRecord, id: InstanceId, { exporter, action }: Known) {
    const node = truth.nodes.get(id);
    const cluster = truth.cluster(clusterId);
    const isReported = node?.clusterId === clusterId;
    return {
      node: id,
      isReported,
      readyAt: node?.readyAt,
      goneAt: node?.goneAt,
      clusterReadyAt: cluster?.readyAt,
      isWanted: node !== undefined && wasWanted(exporter, node, action === 'install', truth),
    };
  }

  return {
    fate,
    deleted: (record) => rollouts.saved(record, undefined),
    endedAt(order, node) {
      const ended = invocation(order, node)?.plugins.at(-1)?.endedAt;
      return ended === undefined ? (claims.get(order)?.at ?? 0) + LEASE : ended.getTime() - START.getTime();
    },
    claimed(before, after, fleet) {
      forget(before, after);
      rollouts.saved(before, after);
      for (const [id, node] of Object.entries(after.nodes) as [InstanceId, ClusterRecord['nodes'][InstanceId]][]) {
        if (node === undefined) continue;
        for (const [exporter, { work }] of Object.entries(node.exporters)) {
          if (work !== undefined) place(after, id, exporter, before?.nodes[id]?.exporters[exporter], work, fleet);
        }
      }
    },
    sent({ id, comment, nodes }) {
      const order = comment as OrderId;
      commands.set(order, id);
      const claimOf = claims.get(order);
      report('claimed before sent', claimedBeforeSent(order, nodes, elapsed(), claimOf));
      for (const node of nodes) {
        const others = (placed.get(`${node} ${claimOf?.exporter}`) ?? []).map((other) => ({
          order: other,
          claimedAt: claims.get(other)?.at ?? 0,
          isOpen: fate(other, node) === 'running',
        }));
        report('one run at a time', oneRunAtATime(order, elapsed(), others));
      }
    },
  };
}

/** Told to change to this revision anew; what was told and never sent, or put off, only goes on. */
const isUpgrade = (had: ExporterState | undefined, revision: string): boolean =>
  had?.installed !== undefined &&
  had.installed.revision !== revision &&
  (had.work?.action !== 'install' || had.work.revision !== revision || had.work.phase === 'failed');

/** By node and exporter. */
const attemptsOf = (record: ClusterRecord | undefined): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(record?.nodes ?? {}).flatMap(([id, { exporters }]) =>
      Object.entries(exporters).map(([exporter, { work }]) => [`${id} ${exporter}`, work?.attempt ?? 0] as const),
    ),
  );
