import { AppError } from '../../shared/core/errors.ts';
import { isClusterId, type Signal, toSignal } from '../../shared/core/event.ts';
import type { ClusterId, InstanceId } from '../../shared/core/model.ts';

/** One message of a dead-letter queue. */
export interface DeadLetter {
  readonly id: string;
  /** What deletes it, or shows it again. */
  readonly receipt: string;
  readonly body: string;
  readonly sentAt: Date;
  /** What EventBridge met (ERROR_CODE); absent for what failed in on-event. */
  readonly error?: string;
}

export interface DeadLetters {
  /** The next ten at most, hidden from everybody else meanwhile; none when nothing is left to see. */
  receive(): Promise<readonly DeadLetter[]>;
  delete(letters: readonly DeadLetter[]): Promise<void>;
  /** Shows them again. */
  release(letters: readonly DeadLetter[]): Promise<void>;
}

export interface RedrivePorts {
  readonly queues: Readonly<Record<'rules' | 'doorbells', DeadLetters>>;
  ring(ids: readonly ClusterId[]): Promise<void>;
  /** Those of the instances that are EMR's, with their cluster. */
  clustersOf(instances: readonly InstanceId[]): Promise<ReadonlyMap<InstanceId, ClusterId>>;
}

/** A message, with the cluster that it is about or the reason why it is about none. */
export interface Sorted extends DeadLetter {
  readonly from: keyof RedrivePorts['queues'];
  readonly about: { readonly clusterId: ClusterId } | { readonly why: string };
}

export interface Redriven {
  readonly named: readonly Sorted[];
  readonly nameless: readonly Sorted[];
  /** What kept it from going on; the messages that were not dealt with are still there. */
  readonly problem?: string;
}

export interface RedriveMode {
  readonly dryRun: boolean;
  readonly discard: boolean;
}

/**
 * Rings for every cluster that a dead letter names, once, and deletes the letter after the doorbell was accepted; what
 * stays in the queues is shown again at the end, so that their alarms keep telling of it.
 */
export async function redrive(mode: RedriveMode, ports: RedrivePorts): Promise<Redriven> {
  const done: Sorted[] = [];
  const rung = new Set<ClusterId>();
  try {
    for (const from of ['rules', 'doorbells'] as const) await drain(from, mode, ports, rung, done);
    return toRedriven(done);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...toRedriven(done), problem: error.message };
  }
}

const toRedriven = (all: readonly Sorted[]): Redriven => ({
  named: all.filter(({ about }) => 'clusterId' in about),
  nameless: all.filter(({ about }) => 'why' in about),
});

async function drain(
  from: Sorted['from'],
  { dryRun, discard }: RedriveMode,
  ports: RedrivePorts,
  rung: Set<ClusterId>,
  done: Sorted[],
): Promise<void> {
  const queue = ports.queues[from];
  const held = new Map<string, DeadLetter>();
  try {
    for (;;) {
      const received = await queue.receive();
      // One that comes twice has been hidden for as long as we hide it.
      const fresh = received.filter(({ id }) => !held.has(id));
      for (const letter of received) held.set(letter.id, letter);
      if (fresh.length === 0) return;
      const sorted = await sort(from, fresh, ports);
      const finished = sorted.filter(({ about }) => !dryRun && ('clusterId' in about || discard));
      const ids = finished.flatMap(({ about }) => ('clusterId' in about ? [about.clusterId] : []));
      const silent = [...new Set(ids)].filter((id) => !rung.has(id));
      if (silent.length > 0) await ports.ring(silent);
      for (const id of silent) rung.add(id);
      if (finished.length > 0) await queue.delete(finished);
      for (const { id } of finished) held.delete(id);
      done.push(...sorted);
    }
  } finally {
    if (held.size > 0) await queue.release([...held.values()]);
  }
}

async function sort(from: Sorted['from'], letters: readonly DeadLetter[], ports: RedrivePorts) {
  const signals = letters.map(({ body }) => readSignal(body));
  const places = signals.flatMap((signal) => (signal.kind === 'reconcile' ? [signal.at] : []));
  const instances = places.filter((at): at is InstanceId => !isClusterId(at));
  const clusters = instances.length === 0 ? new Map<InstanceId, ClusterId>() : await ports.clustersOf(instances);
  return letters.map((letter, index): Sorted => {
    const signal = signals[index] ?? { kind: 'malformed', reason: 'nothing' };
    return { ...letter, from, about: aboutOf(signal, clusters) };
  });
}

function aboutOf(signal: Signal, clusters: ReadonlyMap<InstanceId, ClusterId>): Sorted['about'] {
  if (signal.kind !== 'reconcile') return { why: `${signal.kind}: ${signal.reason}` };
  if (isClusterId(signal.at)) return { clusterId: signal.at };
  const clusterId = clusters.get(signal.at);
  return clusterId === undefined
    ? { why: `EC2 knows ${signal.at} not, or no more, or not as a node of EMR's` }
    : { clusterId };
}

function readSignal(body: string): Signal {
  try {
    return toSignal(JSON.parse(body));
  } catch {
    return { kind: 'malformed', reason: 'not JSON' };
  }
}
