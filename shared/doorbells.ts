import { AppError } from './core/errors.ts';
import { isClusterId, toSignal, type Signal } from './core/event.ts';
import type { ClusterId, CommandId, InstanceId } from './core/model.ts';
import type { App } from './ports.ts';
import { reconcile } from './reconcile.ts';

/** One message of the queue: an EventBridge event or a cluster id, as JSON. */
export interface Message {
  readonly id: string;
  readonly body: string;
}

type Ring = Extract<Signal, { kind: 'reconcile' }> & { readonly message: string };

/** Reconciles each cluster of the batch once, whatever rang. Answers the ids of the messages to deliver again. */
export async function ringAll(messages: readonly Message[], app: App): Promise<readonly string[]> {
  const rings = messages.flatMap((message) => parse(message, app));
  const clusterOf = await findClusters(rings, app);
  const unplaced = clusterOf === undefined ? rings.filter(({ at }) => !isClusterId(at)) : [];
  const byCluster = Map.groupBy(rings, ({ at }) => (isClusterId(at) ? at : clusterOf?.get(at)));
  byCluster.delete(undefined); // instances of the account that are no EMR nodes
  const failed = await Promise.all(
    [...byCluster].map(async ([id, all]) => (id === undefined ? [] : await reconcileOne(id, all, app))),
  );
  return [...unplaced.map(({ message }) => message), ...failed.flat()];
}

function parse({ id, body }: Message, { log }: App): readonly Ring[] {
  const signal = readSignal(body);
  if (signal.kind === 'malformed') log.error('event malformed', { messageId: id, reason: signal.reason });
  return signal.kind === 'reconcile' ? [{ ...signal, message: id }] : [];
}

function readSignal(body: string): Signal {
  try {
    return toSignal(JSON.parse(body));
  } catch {
    return { kind: 'malformed', reason: 'not JSON' };
  }
}

/** One EC2 call for the whole batch says which instances are EMR's; undefined while EC2 refuses to. */
async function findClusters(rings: readonly Ring[], app: App): Promise<ReadonlyMap<InstanceId, ClusterId> | undefined> {
  const ids = [...new Set(rings.flatMap(({ at }) => (isClusterId(at) ? [] : [at])))];
  if (ids.length === 0) return new Map();
  try {
    const instances = await app.fleet.instances(ids);
    return new Map([...instances].flatMap(([id, { clusterId }]) => (clusterId === undefined ? [] : [[id, clusterId]])));
  } catch (error) {
    app.log.error('clusters of instances unknown', { instances: ids.length, error });
    return undefined;
  }
}

async function reconcileOne(id: ClusterId, rings: readonly Ring[], app: App): Promise<readonly string[]> {
  const commands = new Set<CommandId>(rings.flatMap(({ commandId }) => commandId ?? []));
  const leaving = new Set<InstanceId>(rings.flatMap((ring) => ring.leaving ?? []));
  try {
    await reconcile(id, { commands, leaving }, app);
    return [];
  } catch (error) {
    const isHopeless = error instanceof AppError && !error.retryable;
    app.log.error('reconcile failed', { clusterId: id, error, isRetried: !isHopeless });
    app.meter.count('ReconcilesFailed', 1);
    return isHopeless ? [] : rings.map(({ message }) => message);
  }
}
