import type { Clock } from './clock.ts';

/** The process or the code behind one function. */
export interface Runner {
  invoke(payload: string, invocation: Invocation): Promise<Outcome>;
  stop(): Promise<void>;
}

/** `cold`: a process had to be started for it. */
type Outcome = { readonly cold: boolean } & ({ readonly payload: string } | { readonly error: FunctionError });

export interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
}

interface FunctionSettings {
  readonly name: string;
  readonly arn: string;
  readonly timeoutMs: number;
  readonly runner: Runner;
  /** ReservedConcurrentExecutions. */
  readonly concurrency?: number;
  /** What else GetFunctionConfiguration shows. */
  readonly configuration?: {
    readonly Role: string;
    readonly Runtime: string;
    readonly Handler: string;
    readonly MemorySize: number;
    readonly Environment?: { readonly Variables: Readonly<Record<string, string>> } | undefined;
  };
}

interface AsyncPolicy {
  /** MaximumRetryAttempts of asynchronous invocations: 0 to 2. */
  readonly retries?: number;
  /** MaximumEventAgeInSeconds: six hours by default. */
  readonly maxAgeMs?: number;
  /** Where an event goes that failed for the last time. */
  readonly onFailure?: (body: string) => void;
}

/** One finished invocation, as Lambda's REPORT line tells it. */
export interface Report {
  readonly functionName: string;
  readonly requestId: string;
  readonly cold: boolean;
  readonly durationMs: number;
  /** Absent when it went well. */
  readonly error?: string;
}

export class FunctionError extends Error {
  override readonly name = 'FunctionError';
  /** `Sandbox.Timedout`, `Runtime.ExitError`, or the name of the error that the handler threw. */
  readonly errorType: string;
  constructor(errorType: string, message: string) {
    super(message);
    this.errorType = errorType;
  }
}

/** A function as it stands. */
export interface FunctionState extends FunctionSettings {
  /** Of code or configuration. */
  readonly lastModified: Date;
}

export interface Lambda {
  /** A function of this ARN that is there gets new code and settings; what already runs ends with the old ones. */
  createFunction(settings: FunctionSettings): void;
  deleteFunction(arn: string): void;
  find(arn: string): FunctionState;
  /** RequestResponse: the parsed payload, or a FunctionError. */
  invoke(arn: string, event: unknown): Promise<unknown>;
  /** Event: queued, tried again twice. Throws only when there is no such function. */
  invokeAsync(arn: string, body: string): void;
  setAsyncPolicy(arn: string, policy: AsyncPolicy): void;
  stop(): Promise<void>;
}

/** After one minute, then after two: docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const RETRY_DELAYS = [60_000, 120_000];
const SIX_HOURS = 6 * 3_600_000;

export function createLambda(clock: Clock, onReport: (report: Report) => void = () => {}): Lambda {
  const functions = new Map<string, FunctionState>();
  const policies = new Map<string, AsyncPolicy>();
  const running = new Map<string, number>();
  /** Invocations that each runner is at; one that has been replaced stops after the last. */
  const busyRunners = new Map<Runner, number>();
  const find = (arn: string): FunctionState => {
    const found = functions.get(arn);
    if (found === undefined) throw new FunctionError('ResourceNotFoundException', `Function not found: ${arn}`);
    return found;
  };

  const run = async (settings: FunctionSettings, payload: string): Promise<string> => {
    const { name, arn, timeoutMs, runner, concurrency = Infinity } = settings;
    const busy = running.get(arn) ?? 0;
    if (busy >= concurrency) throw new FunctionError('TooManyRequestsException', 'Rate Exceeded.');
    running.set(arn, busy + 1);
    const requestId = crypto.randomUUID();
    const start = clock.now().getTime();
    busyRunners.set(runner, (busyRunners.get(runner) ?? 0) + 1);
    const outcome = await runner.invoke(payload, { requestId, functionArn: arn, timeoutMs });
    running.set(arn, (running.get(arn) ?? 1) - 1);
    busyRunners.set(runner, (busyRunners.get(runner) ?? 1) - 1);
    retire(runner);
    const durationMs = clock.now().getTime() - start;
    const error = 'error' in outcome ? { error: String(outcome.error) } : {};
    onReport({ functionName: name, requestId, cold: outcome.cold, durationMs, ...error });
    if ('error' in outcome) throw outcome.error;
    return outcome.payload;
  };

  const retire = (runner: Runner): void => {
    if ((busyRunners.get(runner) ?? 0) > 0) return;
    busyRunners.delete(runner);
    if (![...functions.values()].some((current) => current.runner === runner)) void runner.stop();
  };
  const remove = (arn: string): void => {
    const runner = functions.get(arn)?.runner;
    functions.delete(arn);
    if (runner !== undefined) retire(runner);
  };

  const attempt = async (arn: string, body: string, tries: number, queuedAt: Date): Promise<void> => {
    const { retries = 2, maxAgeMs = SIX_HOURS, onFailure } = policies.get(arn) ?? {};
    try {
      await run(find(arn), body);
    } catch {
      const delay = RETRY_DELAYS[tries];
      const age = clock.now().getTime() - queuedAt.getTime();
      if (delay === undefined || tries >= retries || age + delay > maxAgeMs) onFailure?.(body);
      else clock.after(delay, () => attempt(arn, body, tries + 1, queuedAt));
    }
  };

  return {
    createFunction(settings) {
      remove(settings.arn);
      functions.set(settings.arn, { ...settings, lastModified: clock.now() });
    },
    deleteFunction(arn) {
      remove(arn);
      policies.delete(arn);
    },
    find,
    async invoke(arn, event) {
      return JSON.parse(await run(find(arn), JSON.stringify(event))) as unknown;
    },
    invokeAsync(arn, body) {
      find(arn);
      const queuedAt = clock.now();
      clock.after(0, () => attempt(arn, body, 0, queuedAt));
    },
    setAsyncPolicy(arn, policy) {
      find(arn);
      policies.set(arn, policy);
    },
    async stop() {
      const runners = new Set([...functions.values()].map(({ runner }) => runner));
      await Promise.all([...runners, ...busyRunners.keys()].map((runner) => runner.stop()));
    },
  };
}

/** Runs a function's `run(event)` in this process: for tests on a virtual clock. */
export const inProcess = (handler: (event: unknown) => Promise<unknown>): Runner => ({
  async invoke(payload) {
    try {
      return { payload: JSON.stringify((await handler(JSON.parse(payload))) ?? null), cold: false };
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return { cold: false, error: new FunctionError(name, message) };
    }
  },
  stop: async () => {},
});
