import { expect, test, vi } from 'vitest';
import { backfill } from '../../../functions/backfill.ts';
import { backfillWorld } from '../../functions/backfill-world.ts';
import { backfillCommand } from '../../../scripts/backfill/backfill.ts';
import { cliWorld, runScript } from '../cli-world.ts';

async function deployed() {
  const world = backfillWorld();
  return { world, ...(await cliWorld((event) => backfill(event, world.app))) };
}

/** What the command printed and said on the way. */
async function run(args: readonly string[] = [], env = {}) {
  const printed: string[] = [];
  const said: string[] = [];
  const code = await backfillCommand(
    args,
    env,
    (text) => void printed.push(text),
    (line) => void said.push(line),
  );
  return { code, printed: printed.join('\n'), said };
}

test('npm run backfill -- --dry-run shows what would be done, node by node, and changes nothing', async () => {
  const { world } = await deployed();
  const id = await world.launch();
  const [node = ''] = world.nodes(id);
  const { code, stdout, stderr } = await runScript('backfill', ['--dry-run', id]);
  expect(stdout.split('\n')).toEqual([
    'CLUSTER          NODE                 EXPORTER  DECISION        REASON',
    `${id}  ${node}  node      install 1.12.1  missing`,
    '',
    '1 cluster with 1 node, 1 install',
    'Nothing was changed: without --dry-run the clusters are queued.',
    '',
  ]);
  expect(stderr).toContain('prometheus-on-emr-dev-backfill in us-east-1');
  expect([code, world.rung]).toEqual([0, []]);
});

test('a command that fails ends with code 1, and without a stack trace', async () => {
  await deployed();
  const { code, stdout, stderr } = await runScript('backfill', ['--exporters', 'nod']);
  expect(stderr).toMatch(/\nbackfill: exporters\.0 is "nod"; expected a list of at least one of node\n$/);
  expect([code, stdout]).toEqual([1, '']);
});

test('without --dry-run the active clusters are queued, and what remains is asked for until nothing does', async () => {
  const calls: unknown[] = [];
  const answer = (clusterId: string, remaining: readonly string[]) => ({
    clusters: [
      { clusterId, name: 'etl', state: 'RUNNING', selected: true, nodes: 2, decisions: [], reset: [], idle: false },
    ],
    counts: { wait: 1 },
    rung: [clusterId],
    remaining,
    ...(remaining.length > 1 && { waiting: { clusters: remaining.length, minutes: 1 } }),
  });
  await cliWorld(async (event) => {
    calls.push(event);
    return [answer('j-1', ['j-2', 'j-3']), answer('j-2', ['j-3']), answer('j-3', [])][calls.length - 1];
  });
  const { code, printed, said } = await run(['--force', '--exporters', 'node, jmx', '--json']);
  const options = { force: true, exporters: ['node', 'jmx'] };
  expect(calls).toEqual([options, { ...options, clusterIds: ['j-2', 'j-3'] }, { ...options, clusterIds: ['j-3'] }]);
  expect(JSON.parse(printed)).toMatchObject({ rung: ['j-1', 'j-2', 'j-3'], remaining: [], counts: { wait: 3 } });
  expect(JSON.parse(printed)).not.toHaveProperty('waiting');
  expect(said.slice(1)).toEqual([
    '1 looked at, 2 to go …',
    "Waiting for our share of EMR's quotas: 2 clusters, about 1 minute. The sweep meets them by itself, and sooner.",
    '2 looked at, 1 to go …',
  ]);
  expect(code).toBe(0);
});

test('a function that gets no further is not asked for ever', async () => {
  let calls = 0;
  await cliWorld(async () => {
    calls += 1;
    return { clusters: [], counts: {}, rung: [], remaining: ['j-1'] };
  });
  const { code, printed } = await run([]);
  expect([calls, code]).toEqual([2, 1]);
  expect(printed).toContain('the function gets no further');
  expect(printed).toContain('to go on: npm run backfill -- j-1');
});

test("a second backfill of all right after the first, when EMR's list has no room, is no success", async () => {
  const world = backfillWorld();
  await world.launch();
  const app = world.frugal();
  for (let page = 0; page < 10; page += 1) app.budget.spend('ListClusters');
  await cliWorld((event) => backfill(event, app));
  const { code, printed } = await run();
  expect(printed).toBe(
    "0 clusters with 0 nodes\nnothing was done: our share of EMR's quotas has no room for its list of clusters; try again in 400 s, or name the clusters",
  );
  expect(code).toBe(1);
});

test('an id that EMR does not know ends with code 1, says so, and how to go on', async () => {
  const { world } = await deployed();
  const id = await world.launch();
  const { code, printed } = await run([id, 'j-NOBODY']);
  expect(printed).toMatch(/^j-NOBODY +error +Cluster id 'j-NOBODY' is not valid\.$/m);
  expect(printed).toContain('nothing was done: EMR does not know j-NOBODY');
  expect(printed).toContain(`to go on: npm run backfill -- ${id}`);
  expect([code, world.rung]).toEqual([1, []]);
});

test.each<[string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
  [
    'another stage',
    ['--stage', 'prod'],
    {},
    /^nothing is deployed as stage prod in us-east-1: deploy first \(npm run deploy -- --stage prod --region us-east-1\)/,
  ],
  ['no credentials', [], { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }, /^no AWS credentials: set AWS_PROFILE/],
  ['nobody at the endpoint', [], { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }, /^Invoke: .*ECONNREFUSED/],
  [
    'an unknown exporter',
    ['--exporters', 'nod'],
    {},
    /^backfill: exporters\.0 is "nod"; expected a list of at least one of node$/,
  ],
  [
    'an option that npm kept',
    [],
    { npm_config_dry_run: 'true' },
    /^npm kept --dry-run for itself: write npm run backfill -- --dry-run/,
  ],
  ['a typo', ['--dryrun'], {}, /^Unknown option '--dryrun'[^]*npm run backfill -- \[options\]/],
  ['an id that is none', ['j-1', 'web'], {}, /^web: no cluster id; expected j- and capital letters or digits$/],
])('%s: the error says how to mend it', async (_title, args, env, words) => {
  await deployed();
  for (const [variable, value] of Object.entries(env)) vi.stubEnv(variable, value);
  await expect(run(args, env)).rejects.toMatchObject({ message: expect.stringMatching(words) as string });
});

test('the Region of the environment counts, and --region more', async () => {
  await deployed();
  await expect(run(['--stage', 'x'], { AWS_REGION: 'eu-west-1' })).rejects.toThrow('stage x in eu-west-1');
  await expect(run(['--stage', 'x', '--region', 'eu-west-3'], { AWS_REGION: 'eu-west-1' })).rejects.toThrow(
    'in eu-west-3',
  );
});

test('a function that fails is told in its own words', async () => {
  await cliWorld(async () => {
    throw new RangeError('out of range');
  });
  await expect(run()).rejects.toThrow(
    /^prometheus-on-emr-dev-backfill failed: RangeError: .*out of range; its log says more$/,
  );
});

test('an answer of another version is told as such', async () => {
  await cliWorld(async () => ({ clusters: [], rung: [] }));
  await expect(run()).rejects.toThrow(
    /^the function's answer is not what this checkout understands \(counts\): deploy this checkout/,
  );
});

test('throttling is waited out, and said when it lasts', async () => {
  const { account, world } = await deployed();
  await world.launch();
  const throttle = { kind: 'error', status: 429, code: 'TooManyRequestsException' } as const;
  account.faults.arm(throttle, { operation: 'Invoke' });
  expect(await run(['--dry-run'])).toMatchObject({ code: 0 });
  account.faults.arm(throttle, { operation: 'Invoke', times: 99 });
  await expect(run(['--dry-run'])).rejects.toThrow(/^AWS throttles Invoke: try again in a minute$/);
});
