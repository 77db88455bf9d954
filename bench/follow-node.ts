import { stat } from 'node:fs/promises';
import type { Stage } from '../sandbox/demo/stage.ts';
import type { InstanceId } from '../shared/core/model.ts';
import { seconds } from './figure.ts';

/** The waits that are nobody's work are counted up to what they may be; what they take longer is ours. */
const QUEUE_WINDOW_MS = 1000;
const SIDECAR_POLL_MS = 5000;
/** An order may have to wait for the sweep, and that for the node. */
export const DEADLINE_MS = 120_000;
const UNSEEN = Number.NaN;

interface Call {
  readonly operation: string;
  readonly at: number;
}

/** Of a function. */
interface Run {
  readonly from: number;
  readonly to: number;
}

/** All that was written down so far. */
export interface Seen {
  readonly calls: Call[];
  readonly runs: Run[];
}

/** Milliseconds of one node's way. */
export interface Way {
  readonly all: number;
  /** Until the install document had ended on the node. */
  readonly installed: number;
  readonly listed: number;
  readonly own: number;
}

export async function until<T>(what: string, look: () => T | undefined): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (let found = look(); ; found = look()) {
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`not within ${seconds(DEADLINE_MS)}: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Times of one node's way, as account, functions, disk and Prometheus saw it. */
interface Legs {
  /** The node is RUNNING, and EMR says so. */
  readonly running: number;
  /** SendCommand. */
  readonly ordered: number;
  /** The install document ended on the node. */
  readonly ended: number;
  /** The agent's last word, which is the event that rings. */
  readonly replied: number;
  readonly published: number;
  /** The sidecar's LIST that saw it. */
  readonly polled: number;
  readonly onDisk: number;
  readonly listed: number;
  readonly up: number;
}

export async function follow(stage: Stage, file: string, node: InstanceId, running: number, seen: Seen): Promise<Way> {
  const { ordered, ended } = orderOf(stage, node);
  const { listed = UNSEEN, up = UNSEEN } = stage.sightings.current().get(node) ?? {};
  const published = publishedAt(stage);
  const onDisk = (await stat(file)).mtimeMs;
  const [orderRun, resultRun] = [await startOfRun(ordered, seen), await startOfRun(published, seen)];
  const [replied, polled] = [lastCall('SendReply', resultRun, seen), lastCall('ListObjectsV2', onDisk, seen)];
  tell(node, { running, ordered, ended, replied, published, polled, onDisk, listed, up });
  const waits =
    wait(running, orderRun, QUEUE_WINDOW_MS) +
    wait(replied, resultRun, QUEUE_WINDOW_MS) +
    wait(published, polled, SIDECAR_POLL_MS);
  return { all: up - running, installed: ended - running, listed: listed - running, own: onDisk - running - waits };
}

function orderOf({ account }: Stage, node: InstanceId): Pick<Legs, 'ordered' | 'ended'> {
  const command = account.compute.commands.commands().find(({ nodes }) => nodes.includes(node));
  const end = command?.invocations.get(node)?.plugins.at(-1)?.endedAt;
  return { ordered: command?.requestedAt.getTime() ?? UNSEEN, ended: end?.getTime() ?? UNSEEN };
}

const publishedAt = ({ account, bucket }: Stage): number =>
  account.s3.list(bucket, { prefix: 'targets/' }).objects[0]?.lastModified.getTime() ?? UNSEEN;

/** When the run began that did something at this time. */
const startOfRun = async (at: number, { runs }: Seen): Promise<number> =>
  (await until('a run is reported', () => runs.find(({ from, to }) => from <= at && at <= to))).from;

const lastCall = (operation: string, before: number, { calls }: Seen): number =>
  calls.findLast((call) => call.operation === operation && call.at <= before)?.at ?? UNSEEN;

const wait = (from: number, to: number, most: number): number => Math.min(Math.max(0, to - from), most);

function tell(node: InstanceId, legs: Legs): void {
  if (Object.values(legs).some(Number.isNaN)) throw new Error(`${node}: a step was not seen: ${JSON.stringify(legs)}`);
  const told = Object.entries(legs).map(([leg, at]) => `${leg} ${seconds(at - legs.running)}`);
  process.stderr.write(`${node}: ${told.join(', ')}\n`);
}
