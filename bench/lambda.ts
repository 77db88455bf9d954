/** Size of the packaged functions, and how long a fresh process takes until one is ready, against an empty script's. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagedStack } from '../scripts/package/packaged-stack.ts';
import { median, report } from './figure.ts';

const RUNS = 15;
const MAX_BYTES = 1_400_000;
const MAX_RATIO = 8;
const FUNCTIONS = ['on-event', 'sweep', 'backfill'];

/** As Lambda's runtime: imports the handler. */
const LOAD = 'const { handler } = await import(process.argv[2]);';
/** The clients are made with the first event: an empty batch makes them and calls nobody. */
const SERVE = `${LOAD}
const answer = await handler({ Records: [] }, { functionName: 'on-event', memoryLimitInMB: '512', awsRequestId: '1' });
if (JSON.stringify(answer) !== '{"batchItemFailures":[]}') throw new Error(JSON.stringify(answer));`;

const ENVIRONMENT = {
  AWS_REGION: 'us-east-1',
  AWS_LAMBDA_FUNCTION_NAME: 'on-event',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  BUCKET: 'bucket',
  DOORBELL_QUEUE_URL: 'https://sqs.us-east-1.aws.test/1/doorbells',
  DOCUMENT_NODE_INSTALL: 'install',
  DOCUMENT_NODE_UNINSTALL: 'uninstall',
  RETIRE: 'false',
  STAGE: 'bench',
};

function start(script: string, ...args: readonly string[]): number {
  const begun = performance.now();
  const { status } = spawnSync(process.execPath, [script, ...args], {
    env: ENVIRONMENT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${status}`);
  return performance.now() - begun;
}

/** Beside the bar: the clients are made with the first event, not at the start. */
const FIRST_EVENT = ' and its first event';

async function measureStarts(bundleOf: (name: string) => string, home: string) {
  const script = async (name: string, text: string): Promise<string> => {
    await writeFile(join(home, name), text);
    return join(home, name);
  };
  const empty = await script('empty.mjs', '');
  const load = await script('load.mjs', `${LOAD} process.exit(0);`);
  const serve = await script('serve.mjs', `${SERVE} process.exit(0);`);
  const cases = new Map([
    ['empty script', () => start(empty)],
    ...FUNCTIONS.map((name) => [name, () => start(load, bundleOf(name))] as const),
    [`on-event${FIRST_EVENT}`, () => start(serve, bundleOf('on-event'))],
  ]);
  const times = new Map([...cases.keys()].map((name) => [name, [] as number[]]));
  // In turn, so that whatever else the machine does meets all of them.
  for (let run = 0; run < RUNS; run += 1) for (const [name, take] of cases) times.get(name)?.push(take());
  return [...times].map(([name, all]) => ({ name, took: median(all) }));
}

const stack = await packagedStack(process.env);
const bundleOf = (name: string): string => join(stack, name, 'index.js');
const sizes = await Promise.all(FUNCTIONS.map(async (name) => (await stat(bundleOf(name))).size));
const largest = Math.max(...sizes);
const home = await mkdtemp(join(tmpdir(), 'bench-lambda-'));
const starts = await measureStarts(bundleOf, home);
await rm(home, { recursive: true });
const empty = starts[0]?.took ?? 0;
const loads = starts.filter(({ name }) => !name.endsWith(FIRST_EVENT));
const slowest = Math.max(...loads.map(({ took }) => took)) / empty;
report([
  {
    figure: 'Lambda bundle, the largest',
    bar: '≤ 1.4 MB',
    measured: `${(largest / 1e6).toFixed(2)} MB`,
    met: largest <= MAX_BYTES,
  },
  {
    figure: "Lambda bundle, start over an empty script's",
    bar: `≤ ${MAX_RATIO} ×`,
    measured: `${slowest.toFixed(1)} × (medians of ${RUNS}; ${starts.map(({ name, took }) => `${name} ${took.toFixed(0)} ms`).join(', ')})`,
    met: slowest <= MAX_RATIO,
  },
]);
