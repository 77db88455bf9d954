import type { Command } from '../../sandbox/account/ssm-model.ts';
import { isOpen } from '../../sandbox/account/ssm-model.ts';
import type { CommandId, InstanceId, OrderId, WorkAction } from '../../shared/core/model.ts';
import type { ClusterRecord, Work } from '../../shared/core/record.ts';
import { type Claim, claimedBeforeSent } from './invariants/claimed-before-sent.ts';
import { type Fate, oneLiveOrder } from './invariants/one-live-order.ts';
import { oneRunAtATime } from './invariants/one-run-at-a-time.ts';
import { LOOK_AGE, ordersFindRunningNodes } from './invariants/orders-find-running-nodes.ts';
import { sixAttempts } from './invariants/six-attempts.ts';
import { START } from './time.ts';
import { isWanted, type Truth } from './truth.ts';
import type { World } from './world.ts';

/** All orders of a history, as the records claimed them and as SSM got them. */
export interface Orders {
  claimed(before: ClusterRecord | undefined, after: ClusterRecord): void;
  sent(command: Command): void;
  fate(order: OrderId, node: InstanceId): Fate;
  /** Milliseconds of the history at which its run on the node ended. */
  endedAt(order: OrderId, node: InstanceId): number;
}

interface Known extends Claim {
  readonly exporter: string;
  readonly action: WorkAction;
  readonly revision: string;
  readonly nodes: Set<InstanceId>;
}

export function createOrders(
  { account, elapsed }: Omit<World, 'ledger'>,
  truth: Truth,
  report: (invariant: string, problem: string | undefined) => void,
): Orders {
  const claims = new Map<OrderId, Known>();
  const commands = new Map<OrderId, CommandId>();
  /** By node and exporter, oldest first. */
  const placed = new Map<string, OrderId[]>();

  function invocation(order: OrderId, node: InstanceId) {
    const command = commands.get(order);
    return command === undefined ? undefined : account.commands.command(command)?.invocations.get(node);
  }
  function fate(order: OrderId, node: InstanceId): Fate {
    const found = invocation(order, node);
    if (found === undefined) return 'notSent';
    return isOpen(found.status) ? 'running' : 'ended';
  }
  const hasFailed = (order: OrderId, node: InstanceId): boolean => {
    const found = invocation(order, node);
    return found?.status === 'Failed' && found.plugins.at(-1)?.code !== 75;
  };

  /** Failed runs of the same action and revision since anything else came between. */
  function failuresBefore(order: OrderId, key: string, node: InstanceId): number {
    const { action, revision } = claims.get(order) ?? {};
    let failures = 0;
    for (const earlier of (placed.get(key) ?? []).toReversed()) {
      const claim = claims.get(earlier);
      if (earlier === order || invocation(earlier, node) === undefined) continue;
      if (claim?.action !== action || claim?.revision !== revision) break;
      if (hasFailed(earlier, node)) failures += 1;
    }
    return failures;
  }

  function claim(record: ClusterRecord, node: InstanceId, exporter: string, was: Work | undefined, work: Work): void {
    const { orderId, action, revision } = work;
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
    report('six attempts', sixAttempts(orderId, failuresBefore(orderId, key, node)));
  }

  function receiver({ clusterId }: ClusterRecord, id: InstanceId, { exporter, action }: Known) {
    const node = truth.nodes.get(id);
    const cluster = truth.cluster(clusterId);
    const isReported = node?.clusterId === clusterId && cluster !== undefined;
    const isOnceWanted = isReported
      ? truth
          .settingsSince(elapsed() - LOOK_AGE)
          .some((settings) => isWanted(exporter, node.role, cluster.tags, settings) === (action === 'install'))
      : false;
    return {
      node: id,
      isReported,
      readyAt: node?.readyAt,
      goneAt: node?.goneAt,
      clusterReadyAt: cluster?.readyAt,
      isWanted: isOnceWanted,
    };
  }

  return {
    fate,
    endedAt: (order, node) => (invocation(order, node)?.plugins.at(-1)?.endedAt?.getTime() ?? 0) - START.getTime(),
    claimed(before, after) {
      for (const [id, node] of Object.entries(after.nodes) as [InstanceId, ClusterRecord['nodes'][InstanceId]][]) {
        if (node === undefined) continue;
        for (const [exporter, { work }] of Object.entries(node.exporters)) {
          if (work !== undefined) claim(after, id, exporter, before?.nodes[id]?.exporters[exporter]?.work, work);
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
