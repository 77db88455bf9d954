import { type Clock, realClock, type VirtualClock, virtualClock } from '../../../sandbox/account/clock.ts';
import { type Compute, compute, type Timings } from '../../../sandbox/account/compute.ts';
import type { GroupRequest, LaunchSpec } from '../../../sandbox/account/emr-model.ts';
import type { BusEvent } from '../../../sandbox/account/events.ts';
import { openFace } from '../../../sandbox/account/face.ts';
import { createFaults, type Faults } from '../../../sandbox/account/faults.ts';
import type { ClusterId, InstanceId } from '../../../shared/core/model.ts';

/** A launch of 6 s: pending at 1 s, running at 2 s, bootstrapping at 3 s, ready at 5 s, waiting at 6 s. */
const SECONDS: Timings = {
  fulfil: 1000,
  provision: 2000,
  bootstrap: 2000,
  steps: 1000,
  decommission: 3000,
  boot: 1000,
  shutDown: 1000,
  spotWarning: 120_000,
};
export const LAUNCHED = 6000;

/** A launch in milliseconds, for tests on the real clock. */
const INSTANT: Timings = {
  fulfil: 1,
  provision: 1,
  bootstrap: 1,
  steps: 1,
  decommission: 1,
  boot: 1,
  shutDown: 1,
  spotWarning: 1,
};

export const MASTER: GroupRequest = { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 };
export const CORE: GroupRequest = { role: 'CORE', instanceType: 'm6g.xlarge', market: 'SPOT', count: 1 };

export const shellDocument = {
  schemaVersion: '2.2',
  parameters: {
    Port: { type: 'String', allowedPattern: '^[0-9]{1,5}$', default: '9100' },
    Adopt: { type: 'String', allowedValues: ['true', 'false'], default: 'false' },
    Url: { type: 'String', maxChars: 20 },
    Extra: { type: 'StringList', default: [], maxItems: 2 },
  },
  mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { timeoutSeconds: '600', runCommand: ['true'] } }],
};

export interface TestAccount<C extends Clock> extends AsyncDisposable {
  readonly compute: Compute;
  readonly clock: C;
  readonly events: readonly BusEvent[];
  readonly faults: Faults;
  readonly url: string;
  /** An SDK client for the account, without retries. */
  readonly client: <T>(Client: new (config: ReturnType<typeof settings>) => T) => T;
  /** Posts what the SSM agent posts. */
  readonly agent: (target: string, body: object) => Promise<Record<string, unknown>>;
}

/** The account on the virtual clock, behind HTTP. */
export const virtualAccount = (): Promise<TestAccount<VirtualClock>> =>
  open(virtualClock(new Date('2026-11-22T12:00:00Z')), SECONDS);

export const fastAccount = (): Promise<TestAccount<Clock>> => open(realClock(), INSTANT);

const settings = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
});

async function open<C extends Clock>(clock: C, timings: Timings): Promise<TestAccount<C>> {
  const events: BusEvent[] = [];
  const faults = createFaults();
  const account = compute({ clock, publish: (event) => void events.push(event), faults, timings });
  const { targets, query } = account;
  const face = await openFace({ handlers: { targets, query }, port: 0 });
  return {
    compute: account,
    clock,
    events,
    faults,
    url: face.url,
    client: (Client) => new Client(settings(face.url)),
    async agent(target, body) {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
      const response = await fetch(face.url, { method: 'POST', headers, body: JSON.stringify(body) });
      return (await response.json()) as Record<string, unknown>;
    },
    [Symbol.asyncDispose]: () => face.close(),
  };
}

export const launch = (
  { compute: { emr } }: { readonly compute: Compute },
  spec: Partial<LaunchSpec> = {},
): ClusterId => emr.launch({ name: 'Small', tags: { Service: 'etl' }, groups: [MASTER, CORE], ...spec });

/** A cluster that waits for work, and its nodes' EC2 ids. */
export async function waiting(
  account: TestAccount<VirtualClock>,
  spec: Partial<LaunchSpec> = {},
): Promise<{ readonly id: ClusterId; readonly nodes: readonly InstanceId[] }> {
  const id = launch(account, spec);
  await account.clock.advance(LAUNCHED);
  return { id, nodes: account.compute.emr.instances(id).flatMap(({ ec2 }) => ec2?.id ?? []) };
}

/** The agent of each node registers. */
export function register({ compute: { agents } }: { readonly compute: Compute }, nodes: readonly InstanceId[]): void {
  for (const id of nodes) agents.ping(id, { AgentVersion: '3.3.0.0', PlatformType: 'Linux' });
}

/** Asks again until there is an answer, for a minute at most. */
export async function waitUntil<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => void setTimeout(resolve, 10));
  }
  throw new Error('it did not happen within a minute');
}
