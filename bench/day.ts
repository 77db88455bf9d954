import { onEvent } from '../functions/on-event.ts';
import { sweep } from '../functions/sweep.ts';
import { type VirtualClock, virtualClock } from '../sandbox/account/clock.ts';
import { type Compute, compute, type Timings } from '../sandbox/account/compute.ts';
import type { BusEvent } from '../sandbox/account/events.ts';
import { createFaults } from '../sandbox/account/faults.ts';
import { createS3 } from '../sandbox/account/s3.ts';
import { resultLine, scriptedNodes } from '../sandbox/account/scripted-nodes.ts';
import type { ClusterId } from '../shared/core/model.ts';
import type { App, Doorbells } from '../shared/ports.ts';
import { settings } from '../test/core/sample-record.ts';
import { TROUBLES, troubles } from '../test/sim/faults.ts';
import { createQueue } from '../test/sim/queue.ts';
import { type Random, random as randomOf } from '../test/sim/random.ts';
import { MINUTE, SECOND, START } from '../test/sim/time.ts';
import { BUCKET, createContainer, DOCUMENTS } from './day-container.ts';

/** A launch of about a minute and a half, in real proportions. */
const TIMINGS: Timings = {
  fulfil: 5 * SECOND,
  provision: 15 * SECOND,
  bootstrap: 40 * SECOND,
  steps: 20 * SECOND,
  decommission: 30 * SECOND,
  boot: 10 * SECOND,
  shutDown: 30 * SECOND,
  spotWarning: 120 * SECOND,
};

const document = (...parameters: readonly string[]) => ({
  schemaVersion: '2.2',
  parameters: Object.fromEntries(parameters.map((name) => [name, { type: 'String' }])),
  mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { timeoutSeconds: '600', runCommand: ['true'] } }],
});

export interface Call {
  readonly operation: string;
  readonly at: number;
}

/** The functions over the simulated account, on its virtual clock: events, queue, two consumers, a sweep a minute. */
export interface Day {
  readonly clock: VirtualClock;
  readonly account: Compute;
  readonly random: Random;
  /** Milliseconds since it began. */
  readonly elapsed: () => number;
  /** Every API call of our functions, each page too. */
  readonly calls: readonly Call[];
  /** When each sweep began. */
  readonly sweeps: readonly number[];
  /** Every run of a function that has ended; its time is that of the calls. */
  readonly invocations: readonly Invocation[];
}

export interface Invocation {
  readonly name: 'on-event' | 'sweep';
  readonly at: number;
  readonly ms: number;
  /** Messages of its batch. */
  readonly messages: number;
}

export interface Watch {
  /** Does this one get through to its rule's queue? */
  readonly isDelivered: boolean;
  /** Not: a page that finds no token is answered all the same, as the SDK's repetitions would get it seconds later. */
  readonly isThrottled?: boolean;
  readonly onEvent?: (event: BusEvent, at: number) => void;
  /** A target file as it is written, `undefined` when it is deleted. */
  readonly onTargets?: (id: ClusterId, body: string | undefined, at: number) => void;
  readonly onCall?: (operation: string) => void;
  /** What the functions say; by default only warnings and errors are shown. */
  readonly telemetry?: Pick<App, 'log' | 'meter'> & { readonly flush: () => void };
}

export function createDay(
  seed: string,
  { isDelivered, isThrottled = true, onEvent: seen, onTargets, onCall, telemetry }: Watch,
): Day {
  const clock = virtualClock(START);
  const elapsed = (): number => clock.now().getTime() - START.getTime();
  const random = randomOf(seed);
  const calls: Call[] = [];
  const sweeps: number[] = [];
  const invocations: Invocation[] = [];
  const faults = {
    ...createFaults(),
    take(operation: string) {
      calls.push({ operation, at: elapsed() });
      onCall?.(operation);
      return undefined;
    },
  };
  const queue = createQueue(
    clock,
    troubles(random.fork('none'), new Set(TROUBLES), () => true),
  );
  const publish = (event: BusEvent): void => {
    seen?.(event, elapsed());
    if (isDelivered) queue.publish(event);
  };
  const account = compute({ clock, publish, faults, seed, timings: TIMINGS });
  account.putDocument(DOCUMENTS.install, document('UrlAmd64', 'UrlArm64', 'Port', 'Adopt'));
  account.putDocument(DOCUMENTS.remove, document());
  const hosts = random.fork('hosts');
  scriptedNodes(account, {
    register: () => hosts.between(SECOND, 20 * SECOND),
    script: (command) => ({
      exitCode: 0,
      stdout: resultLine(command),
      runMs: hosts.between(3 * SECOND, 10 * SECOND),
    }),
  });
  const bucket = createS3(clock, faults);
  bucket.createBucket(BUCKET);
  for (const { artifacts } of settings.exporters)
    for (const key of Object.values(artifacts)) bucket.put(BUCKET, key, { body: key });
  const told = (key: string, body: string | undefined): void => {
    const [, id] = /^targets\/(j-[A-Z0-9]+)\.json$/.exec(key) ?? [];
    if (id !== undefined) onTargets?.(id as ClusterId, body, elapsed());
  };
  const s3 = {
    ...bucket,
    put(...[name, key, put]: Parameters<typeof bucket.put>) {
      const object = bucket.put(name, key, put);
      told(key, Buffer.from(object.body).toString());
      return object;
    },
    remove(...[name, key, condition]: Parameters<typeof bucket.remove>) {
      const marker = bucket.remove(name, key, condition);
      told(key, undefined);
      return marker;
    },
  };
  const unthrottled: Compute = { ...account, emr: { ...account.emr, admit: () => undefined } };
  const ring: Doorbells['ring'] = async (ids, delaySeconds) => await queue.ring(ids, delaySeconds);
  const world = { account: isThrottled ? account : unthrottled, s3, clock, ring, random, telemetry };
  const timed = async <T>(name: Invocation['name'], messages: number, run: () => Promise<T>): Promise<T> => {
    const at = elapsed();
    const answer = await run();
    telemetry?.flush();
    invocations.push({ name, at, ms: elapsed() - at, messages });
    return answer;
  };
  const consumers: App[] = [createContainer('on-event', 1, world), createContainer('on-event', 2, world)];
  queue.onBatch(async (Records) => {
    const app = consumers.pop();
    if (app === undefined) throw new Error('a third consumer');
    const { batchItemFailures } = await timed('on-event', Records.length, () => onEvent({ Records } as never, app));
    consumers.push(app);
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  });
  const sweeper = createContainer('sweep', 1, world);
  let isSweeping = false;
  const everyMinute = (): void => {
    clock.after(MINUTE, everyMinute);
    if (isSweeping) throw new Error('a sweep took longer than a minute');
    isSweeping = true;
    sweeps.push(elapsed());
    void timed('sweep', 0, () => sweep({}, sweeper)).finally(() => {
      isSweeping = false;
    });
  };
  clock.after(random.between(0, MINUTE), everyMinute);
  return { clock, account, random, elapsed, calls, sweeps, invocations };
}
