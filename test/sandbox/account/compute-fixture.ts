import type { ClusterId } from '../../../shared/core/model.ts';
import { realClock } from '../../../sandbox/account/clock.ts';
import { type Compute, compute, type Timings } from '../../../sandbox/account/compute.ts';
import type { BusEvent } from '../../../sandbox/account/events.ts';
import { openFace } from '../../../sandbox/account/face.ts';

/** A launch in milliseconds, for tests that speak the wire on the real clock. */
export const INSTANT: Timings = {
  fulfil: 1,
  provision: 1,
  bootstrap: 1,
  steps: 1,
  decommission: 1,
  boot: 1,
  shutDown: 1,
  spotWarning: 1,
};

export const shellDocument = {
  schemaVersion: '2.2',
  parameters: { Port: { type: 'String', allowedPattern: '^[0-9]{1,5}$' }, Extra: { type: 'StringList', default: [] } },
  mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { timeoutSeconds: '600', runCommand: ['true'] } }],
};

export const launchSmall = ({ compute: { emr } }: { readonly compute: Compute }, name = 'Small'): ClusterId =>
  emr.launch({
    name,
    tags: { Service: 'etl' },
    groups: [
      { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 },
      { role: 'CORE', instanceType: 'm6g.xlarge', market: 'SPOT', count: 1 },
    ],
  });

/** The account behind HTTP on the real clock, with SDK clients and an agent's client for it. */
export async function fastAccount(timings: Timings = INSTANT) {
  const events: BusEvent[] = [];
  const simulated = compute({ clock: realClock(), publish: (event) => void events.push(event), timings });
  const { targets, query } = simulated;
  const face = await openFace({ handlers: { targets, query }, port: 0 });
  const settings = {
    endpoint: face.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  return {
    compute: simulated,
    events,
    url: face.url,
    client: <T>(Client: new (config: typeof settings) => T): T => new Client(settings),
    /** What the SSM agent posts. */
    async agent(target: string, body: object): Promise<Record<string, unknown>> {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
      const response = await fetch(face.url, { method: 'POST', headers, body: JSON.stringify(body) });
      return (await response.json()) as Record<string, unknown>;
    },
    [Symbol.asyncDispose]: () => face.close(),
  };
}

/** Asks again until there is an answer, for at most five seconds. */
export async function waitUntil<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 5000;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => void setTimeout(resolve, 10));
  }
  throw new Error('it did not happen within 5 s');
}
