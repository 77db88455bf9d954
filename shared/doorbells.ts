import { concurrently } from './core/concurrently.ts';
import { AppError } from './core/errors.ts';
import { isClusterId, toSignal, type Signal } from './core/event.ts';
import type { ClusterId, CommandId, InstanceId } from './core/model.ts';
import type { Hints } from './look.ts';
import type { App } from './ports.ts';
import { reconcile } from './reconcile.ts';

/** One message of the queue: an EventBridge event or a cluster id, as JSON. */
export interface Message {
  readonly id: string;
  readonly body: string;
}

type Ring = Extract<Signal, { kind: 'reconcile' }> & { readonly message: string };

/** The function has 60 s (serverless.yml). */
const TIME_TO_BEGIN = 40_000;
const AT_ONCE = 4;

/** Reconciles each cluster of the batch once, whatever rang. Answers the ids of the messages to deliver again. */
export async function ringAll(messages: readonly Message[], app: App): Promise<readonly string[]> {
  const rings = messages.flatMap((message) => parse(message, app));
  const clusterOf = await findClusters(rings, app);
  const unplaced = clusterOf === undefined ? rings.filter(({ at }) => !isClusterId(at)) : [];
  const byCluster = Map.groupBy(rings, ({ at }) => (isClusterId(at) ? at : clusterOf?.get(at)));
  byCluster.delete(undefined); // instances of the account that are no EMR nodes
  const visits = [...byCluster].map(([id, all]) => ({ id: id as ClusterId, rings: all, hints: hintsOf(all) }));
  const failed: string[] = unplaced.map(({ message }) => message);
  const putOff: PutOff[] = [];
  const ends = app.now().getTime() + TIME_TO_BEGIN;
  const visit = async (one: Visit): Promise<void> => {
    // What has not begun comes back alone: a slow cluster must not take the whole batch with it.
    const isLate = app.now().getTime() > ends;
    failed.push(...(isLate ? one.rings.map(({ message }) => message) : await reconcileOne(one, putOff, app)));
  };
  await concurrently(AT_ONCE, visits, visit);
  return [...failed, ...(await ringLater(putOff, app))];
}

interface Visit {
  readonly id: ClusterId;
  readonly rings: readonly Ring[];
  readonly hints: Hints;
}

type PutOff = Visit & { readonly milliseconds: number };

/** An event about a cluster asks EMR, one about an instance asks EC2, the result of a command asks SSM. */
function hintsOf(rings: readonly Ring[]): Hints {
  const commands = new Set<CommandId>(rings.flatMap(({ commandId }) => commandId ?? []));
  const leaving = new Set<InstanceId>(rings.flatMap((ring) => ring.leaving ?? []));
  const reconfigured = rings.flatMap((ring) => ring.reconfigured ?? []);
  const hints = { commands, leaving, reconfigured };
  if (rings.some(({ at }) => isClusterId(at))) return { ...hints, depth: 'emr' };
  return { ...hints, depth: rings.every(({ commandId }) => commandId !== undefined) ? 'none' : 'ec2' };
}

/** SQS SendMessage, DelaySeconds. */
const MAX_DELAY = 900;

/**
 * Rings again when our share of EMR has room: the n-th of them waits n times as long. A cluster whose doorbell waits in
 * the queue already rings no second time.
 */
async function ringLater(putOff: readonly PutOff[], app: App): Promise<readonly string[]> {
  const now = app.now().getTime();
  const { waiting } = app.memory;
  for (const [id, until] of waiting) if (until <= now) waiting.delete(id);
  const silent = putOff.filter(({ id }) => !waiting.has(id));
  const failed = await Promise.all(
    silent.map(async ({ id, milliseconds, rings }, index) => {
      const delay = Math.min(MAX_DELAY, Math.ceil((milliseconds * (index + 1)) / 1000));
      try {
        await app.doorbells.ring([id], delay);
        waiting.set(id, now + delay * 1000);
        app.meter.count('DoorbellsPutOff', 1, {}, { clusterId: id });
        return [];
      } catch (error) {
        app.log.error('doorbell not put off', { clusterId: id, error });
        return rings.map(({ message }) => message);
      }
    }),
  );
  return failed.flat();
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

async function reconcileOne(visit: Visit, putOff: PutOff[], app: App): Promise<readonly string[]> {
  const { id, hints, rings } = visit;
  try {
    const milliseconds = await reconcile(id, hints, app);
    if (milliseconds > 0) putOff.push({ ...visit, milliseconds });
    return [];
  } catch (error) {
    const isHopeless = error instanceof AppError && !error.retryable;
    app.log.error('reconcile failed', { clusterId: id, error, isRetried: !isHopeless });
    app.meter.count('ReconcilesFailed', 1, {}, { clusterId: id });
    return isHopeless ? [] : rings.map(({ message }) => message);
  }
}
