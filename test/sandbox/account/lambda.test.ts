import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { realClock, virtualClock } from '../../../sandbox/account/clock.ts';
import { mapQueue } from '../../../sandbox/account/event-source.ts';
import { createEvents } from '../../../sandbox/account/events.ts';
import { containers } from '../../../sandbox/account/lambda-container.ts';
import { createLambda, type FunctionError, inProcess, type Report } from '../../../sandbox/account/lambda.ts';
import { createSqs } from '../../../sandbox/account/sqs.ts';

const arn = 'arn:aws:lambda:us-east-1:123456789012:function:echo';
const SOURCE = `
let calls = 0;
export const handler = async (event, context) => {
  calls += 1;
  console.log('line ' + calls);
  if (event.crash) process.exit(3);
  if (event.fail) throw new TypeError('broken');
  if (event.hang) await new Promise((resolve) => setTimeout(resolve, 3_600_000));
  return { event, calls, pid: process.pid, env: process.env, name: context.functionName, left: context.getRemainingTimeInMillis() };
};`;

interface Answer {
  readonly event: unknown;
  readonly calls: number;
  readonly pid: number;
  readonly env: Record<string, string>;
  readonly name: string;
  readonly left: number;
}

async function world({ source = SOURCE, timeoutMs = 3_600_000, concurrency = 10 } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'account-lambda-'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'index.js'), source);
  const lines: string[] = [];
  const reports: Report[] = [];
  const clock = realClock();
  const lambda = createLambda(clock, (report) => reports.push(report));
  const environment = {
    _HANDLER: 'index.handler',
    LAMBDA_TASK_ROOT: folder,
    AWS_LAMBDA_FUNCTION_NAME: 'echo',
    BUCKET: 'monitoring',
  };
  const runner = containers({ folder, environment, onLine: (line) => lines.push(line) });
  lambda.createFunction({ name: 'echo', arn, timeoutMs, concurrency, runner });
  onTestFinished(async () => {
    await lambda.stop();
    await rm(folder, { recursive: true });
  });
  const invoke = async (event: unknown) => (await lambda.invoke(arn, event)) as Answer;
  return { lambda, lines, reports, invoke, clock };
}

const failsWith = (errorType: string, message: RegExp) =>
  expect.objectContaining({ errorType, message: expect.stringMatching(message) }) as FunctionError;

test('a second event runs in the same warm process, two at once in two', async () => {
  const { invoke, reports, lines } = await world();
  const first = await invoke({ n: 1 });
  expect(first).toMatchObject({ event: { n: 1 }, calls: 1, name: 'echo' });
  const both = await Promise.all([invoke({ n: 2 }), invoke({ n: 3 })]);
  expect(both.map(({ calls }) => calls)).toEqual([2, 1]);
  expect(both[0]?.pid).toBe(first.pid);
  // Either of the two may be the first to end.
  expect(reports.map(({ cold }) => (cold ? 'cold' : 'warm')).toSorted()).toEqual(['cold', 'cold', 'warm']);
  await expect.poll(() => lines.toSorted()).toEqual(['line 1', 'line 1', 'line 2']);
});

test('the function sees the environment it was given and nothing of ours', async () => {
  const { invoke } = await world();
  expect(Object.keys((await invoke({})).env).sort()).toEqual([
    'AWS_LAMBDA_FUNCTION_NAME',
    'BUCKET',
    'LAMBDA_TASK_ROOT',
    '_HANDLER',
    '_X_AMZN_TRACE_ID',
  ]);
});

test('the time that is left is counted down from the timeout', async () => {
  const { invoke } = await world();
  const { left } = await invoke({});
  expect(left).toBeGreaterThan(3_600_000 - 120_000);
  expect(left).toBeLessThanOrEqual(3_600_000);
});

test('an error that the handler throws is the invocation’s error, and the process stays warm', async () => {
  const { lambda, invoke, reports } = await world();
  const { pid } = await invoke({});
  await expect(lambda.invoke(arn, { fail: true })).rejects.toEqual(failsWith('TypeError', /broken/));
  expect((await invoke({})).pid).toBe(pid);
  expect(reports.map(({ error, cold }) => [error, cold])).toEqual([
    [undefined, true],
    [expect.stringContaining('broken'), false],
    [undefined, false],
  ]);
});

test('a process that dies is an invocation error, and the next event gets a new one', async () => {
  const { lambda, invoke } = await world();
  await expect(lambda.invoke(arn, { crash: true })).rejects.toEqual(failsWith('Runtime.ExitError', /exit status 3/));
  expect(await invoke({})).toMatchObject({ calls: 1 });
});

test('a function that outlasts its timeout is killed', async () => {
  const { lambda } = await world({ timeoutMs: 1500 });
  await expect(lambda.invoke(arn, { hang: true })).rejects.toEqual(failsWith('Sandbox.Timedout', /1\.50 seconds/));
});

test('a package without the handler, or that fails to load, says so', async () => {
  const missing = await world({ source: 'export const other = 1;' });
  await expect(missing.invoke({})).rejects.toEqual(failsWith('Runtime.HandlerNotFound', /index\.handler/));
  const broken = await world({ source: 'throw new Error("no BUCKET");' });
  await expect(broken.invoke({})).rejects.toEqual(failsWith('Error', /no BUCKET/));
});

test('more events at once than the reserved concurrency are throttled', async () => {
  const { invoke } = await world({ concurrency: 1 });
  const outcomes = await Promise.allSettled([invoke({}), invoke({})]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});

test.each([
  ['one and two minutes', {}, [0, 1, 3]],
  ['one minute, when it may not grow older than ninety seconds', { maxAgeMs: 90_000 }, [0, 1]],
])('an asynchronous invocation is tried again after %s, then handed on', async (_name, policy, expected) => {
  const clock = virtualClock(new Date('2026-11-22T10:00:00Z'));
  const lambda = createLambda(clock);
  const times: number[] = [];
  const lost: string[] = [];
  const runner = inProcess(() => {
    times.push(clock.now().getTime() / 60_000);
    return Promise.reject(new Error('down'));
  });
  lambda.createFunction({ name: 'echo', arn, timeoutMs: 1000, runner });
  lambda.setAsyncPolicy(arn, { ...policy, onFailure: (body) => lost.push(body) });
  lambda.invokeAsync(arn, '{"n":1}');
  await clock.advance(600_000);
  const [first = 0] = times;
  expect(times.map((time) => time - first)).toEqual(expected);
  expect(lost).toEqual(['{"n":1}']);
});

test('an event travels from the rule through the queue into the function’s process', async () => {
  const { lambda, lines, clock } = await world({
    source: 'export const handler = async ({ Records }) => console.log(JSON.parse(Records[0].body).detail.clusterId);',
  });
  const sqs = createSqs(clock);
  const queueArn = 'arn:aws:sqs:us-east-1:123456789012:bells';
  sqs.createQueue({ name: 'bells', arn: queueArn });
  mapQueue(
    sqs,
    clock,
    { queueArn, batchSize: 10, windowSeconds: 0, maxConcurrency: 2, reportsFailures: true },
    (event) => lambda.invoke(arn, event),
  );
  const events = createEvents(clock, (target, body) => void sqs.send(target, body));
  events.putRule({
    arn: 'arn:aws:events:us-east-1:123456789012:rule/emr',
    pattern: { source: ['aws.emr'] },
    targets: [{ arn: queueArn }],
  });
  events.publish({ source: 'aws.emr', 'detail-type': 'EMR Cluster State Change', detail: { clusterId: 'j-1' } });
  await expect.poll(() => lines).toEqual(['j-1']);
  await expect.poll(() => sqs.bodies(queueArn)).toEqual([]);
});
