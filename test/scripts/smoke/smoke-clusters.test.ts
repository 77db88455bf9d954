import { afterAll, beforeAll, expect, test } from 'vitest';
import { watched } from '../../../sandbox/account/cloudwatch-resources.ts';
import { settingsAndDocuments } from '../../../scripts/package/package-stack.ts';
import { ALL_CHECKS } from '../../../scripts/smoke/checks.ts';
import type { Result } from '../../../scripts/smoke/run-checks.ts';
import { renderRecord } from '../../../shared/core/record.ts';
import { aNode, aRecord, someWork } from '../../core/sample-record.ts';
import { OPERATOR, smokeWorld, type SmokeWorld } from './smoke-world.ts';

const MINUTE = 60_000;

/** Do nodes that start from now on have an agent? */
let hasAgent = true;
let world: SmokeWorld;
beforeAll(async () => {
  world = await smokeWorld({ register: () => (hasAgent ? 1000 : undefined) });
});
afterAll(() => world.close());

const whatOf = (result: Result): string =>
  result.state === 'red' ? result.problems.map(({ what }) => what).join('\n') : `${result.state}: ${result.seen}`;
const fixOf = (result: Result): string =>
  result.state === 'red' ? result.problems.map(({ fix }) => fix).join('\n') : '';

const allOf = (result: Result): string => `${whatOf(result)}\n${fixOf(result)}`;

const MISSING = /these credentials may not (?:do it|call \S+): /;
const FLEET = 'elasticmapreduce:ListInstanceFleets';
/** What a check needs on its way, whatever it finds. Here is no host. */
const ALWAYS = ALL_CHECKS.flatMap(({ id, needs }) => needs.map((action) => [id, action] as const)).filter(
  ([id, action]) =>
    !['stack', 'host'].includes(id) && action !== FLEET && `${id} ${action}` !== 'artifacts s3:ListBucket',
);

async function without(action: string, ...check: Parameters<SmokeWorld['check']>): Promise<Result> {
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: action, Resource: '*' }] };
  const allowAgain = world.account.permissions.putInlinePolicy(OPERATOR, 'deny', document);
  return await world.check(...check).finally(allowAgain);
}

const ofMissing = (action: string): RegExp =>
  new RegExp(`${MISSING.source}.*allow .*${action}.*npm run smoke -- --policy prints all that it needs`, 's');

test.each(ALWAYS)('%s without %s says which right is missing', async (id, action) => {
  expect(allOf(await without(action, id))).toMatch(ofMissing(action));
});

test.each(['DescribeStacks', 'ListStackResources'])(
  'without cloudformation:%s nothing can be said, but why',
  async (name) => {
    await expect(without(`cloudformation:${name}`, 'stack')).rejects.toThrow(MISSING);
  },
);

test('of a cluster that EMR does not know one line is red, with the way to the right id', async () => {
  const ofNone = async (id: string) => await world.check(id, 'j-NOSUCHCLUSTER');
  expect(allOf(await ofNone('cluster'))).toMatch(/'j-NOSUCHCLUSTER' is not valid.*aws emr list-clusters --active/s);
  for (const id of ['ssm-reachable', 'system-tags', 'cluster-tags'])
    expect(whatOf(await ofNone(id))).toBe('skipped: of a cluster that EMR does not know');
});

test('a cluster of fleets needs the right to list them', async () => {
  const id = await world.launch({ collection: 'INSTANCE_FLEET' });
  expect(whatOf(await world.check('ssm-reachable', id))).toMatch(/^ok: 2 nodes/);
  expect(allOf(await without(FLEET, 'ssm-reachable', id))).toMatch(ofMissing(FLEET));
});

test('a missing file and the missing right to list, which S3 answers alike, are told apart by the right', async () => {
  const { account, bucket } = world;
  const [file] = account.s3.list(bucket, { prefix: 'artifacts/node/' }).objects;
  if (file === undefined) throw new Error('no artifact');
  account.s3.remove(bucket, file.key);
  const result = await without('s3:ListBucket', 'artifacts');
  account.s3.put(bucket, file.key, file);
  expect(allOf(result)).toMatch(ofMissing('s3:ListBucket'));
});

test.each([
  ['has not started', {}, false, /is (?:STARTING|BOOTSTRAPPING)/, /wait until it is RUNNING or WAITING/],
  [
    'is older than systemd',
    { releaseLabel: 'emr-5.20.0' },
    true,
    /emr-5\.20\.0 is before emr-5\.30\.0/,
    /a newer release/,
  ],
])('a cluster that %s is red', async (_name, spec, isAwaited, said, fix) => {
  const { account, launch, check } = world;
  const type = { instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 } as const;
  const early = () => account.compute.emr.launch({ name: 'etl', groups: [{ role: 'MASTER', ...type }] });
  const result = await check('cluster', isAwaited ? await launch(spec) : early());
  expect(whatOf(result)).toMatch(said);
  expect(fixOf(result)).toMatch(fix);
});

test('a node whose agent never came is named, with the profile, the policy, the subnet and the line for the bootstrap', async () => {
  hasAgent = false;
  const id = await world.launch();
  hasAgent = true;
  const result = await world.check('ssm-reachable', id);
  for (const node of world.nodesOf(id)) expect(whatOf(result)).toContain(node);
  expect(fixOf(result)).toMatch(
    /EMR_EC2_DefaultRole .*--policy-arn arn:aws:iam::123456789012:policy\/\S+; the subnet subnet-\w+ must reach ssm, ssmmessages and ec2messages .*systemctl enable --now amazon-ssm-agent/,
  );
});

test('a node whose agent has fallen silent is named with since when; versions of the others are told', async () => {
  hasAgent = false;
  const id = await world.launch();
  hasAgent = true;
  const [first, second] = world.nodesOf(id);
  if (first === undefined || second === undefined) throw new Error('two nodes expected');
  const { agents } = world.account.compute;
  agents.ping(first, { AgentVersion: '3.2.1' });
  await world.clock.advance(11 * MINUTE);
  agents.ping(second, { AgentVersion: '3.3.0' });
  const silent = await world.check('ssm-reachable', id);
  expect(whatOf(silent)).toMatch(
    new RegExp(`^the agent is silent on ${first} \\(MASTER|CORE, ConnectionLost since 20`),
  );
  expect(fixOf(silent)).toMatch(/systemctl restart amazon-ssm-agent/);
  agents.ping(first, { AgentVersion: '3.2.1' });
  expect(whatOf(await world.check('ssm-reachable', id))).toBe('ok: 2 nodes, agents 1 × 3.2.1, 1 × 3.3.0');
});

test('a bucket of somebody else that is public, unversioned and answers without TLS is red in each of these', async () => {
  const other = await smokeWorld({ existingBucket: 'somebody-elses' });
  try {
    expect(whatOf(await other.check('bucket-versioned'))).toBe('somebody-elses is not versioned');
    expect(whatOf(await other.check('bucket-private'))).toBe(
      'not set: BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets',
    );
    const tls = await other.check('bucket-tls');
    expect(whatOf(tls)).toBe('the policy of somebody-elses lets requests without TLS in');
    expect(fixOf(tls)).toMatch(/add the statement TlsOnly/);
  } finally {
    await other.close();
    world.signIn();
  }
});

test('what AWS refused a function within the hour is red with its words; what is older is not', async () => {
  const line = JSON.stringify({
    message: 'reconcile failed',
    error: 'AccessDenied: User: x is not authorized to perform: ec2:DescribeTags',
  });
  world.account.logs.add('/aws/lambda/prometheus-on-emr-dev-sweep', line);
  const result = await world.check('denials');
  expect(whatOf(result)).toMatch(
    /^\/aws\/lambda\/prometheus-on-emr-dev-sweep: 1 line, the last one: .*ec2:DescribeTags/,
  );
  await world.clock.advance(61 * MINUTE);
  expect(await world.check('denials')).toMatchObject({ state: 'ok' });
});

test('an alarm that rings is red and names its runbook', async () => {
  const { account, clock, check } = world;
  const settings = account.alarms
    .all()
    .map((alarm) => alarm.settings)
    .find(({ AlarmName }) => AlarmName.endsWith('-NodesUnreachable'));
  const [series] = settings === undefined ? [] : watched(settings).metrics;
  if (series === undefined) throw new Error('no such alarm');
  const { Namespace: namespace, MetricName: metric, Dimensions } = series;
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
  for (let minute = 0; minute < 30; minute += 1) {
    account.alarms.record({ namespace, metric, dimensions, value: 5 });
    await clock.advance(MINUTE);
  }
  const result = await check('alarms');
  expect(whatOf(result)).toContain('prometheus-on-emr-dev-NodesUnreachable: ');
  expect(fixOf(result)).toContain('docs/runbooks/NodesUnreachable.md');
});

const { settings } = await settingsAndDocuments(undefined);

test('an exporter that is given up ends the wait at once, with its reason and the command that begins anew', async () => {
  const { account, bucket, check, clock, clusterId, nodesOf } = world;
  const revision = settings.exporters.find(({ name }) => name === 'node')?.revision ?? '';
  const work = someWork({ phase: 'gaveUp', attempt: 6, reason: 'disk full', revision });
  const nodes = Object.fromEntries(nodesOf(clusterId).map((id) => [id, aNode({ exporters: { node: { work } } })]));
  account.s3.put(bucket, `clusters/${clusterId}.json`, { body: renderRecord(aRecord({ clusterId, nodes })) });
  const begun = clock.now().getTime();
  const result = await check('install-done');
  expect(whatOf(result)).toMatch(/^node on i-\w+ is gaveUp: disk full/);
  expect(fixOf(result)).toContain(`gave up after 6 runs: npm run backfill -- --force ${clusterId}`);
  expect(clock.now().getTime() - begun).toBeLessThan(MINUTE);
});

test('a node that the record never gets to know is red after twenty minutes, with where to look', async () => {
  const { account, bucket, check, clock, clusterId } = world;
  account.s3.put(bucket, `clusters/${clusterId}.json`, { body: renderRecord(aRecord({ clusterId, nodes: {} })) });
  const begun = clock.now().getTime();
  const result = await check('install-ordered');
  expect(whatOf(result)).toMatch(/^the record does not know i-\w+, i-\w+$/);
  expect(fixOf(result)).toContain('aws logs tail /aws/lambda/prometheus-on-emr-dev-on-event');
  expect(clock.now().getTime() - begun).toBeGreaterThanOrEqual(20 * MINUTE);
});

test('a target file that lacks an endpoint is red after two minutes', async () => {
  const { account, bucket, check, clusterId, nodesOf } = world;
  const installed = {
    version: '1',
    revision: 'r',
    endpoints: [{ port: 9100, labels: {} }],
    at: new Date().toISOString(),
  };
  const nodes = Object.fromEntries(nodesOf(clusterId).map((id) => [id, aNode({ exporters: { node: { installed } } })]));
  account.s3.put(bucket, `clusters/${clusterId}.json`, { body: renderRecord(aRecord({ clusterId, nodes })) });
  account.s3.put(bucket, `targets/${clusterId}.json`, { body: '[]' });
  expect(whatOf(await check('install-targets'))).toContain(`targets/${clusterId}.json lacks 10.0.0.1:9100`);
});

test('red lines make the exit code 1, and --json says all of it', async () => {
  world.account.sqs.send('arn:aws:sqs:us-east-1:123456789012:prometheus-on-emr-dev-rule-dead-letters', 'x');
  const { code, printed } = await world.smoke('--json');
  const { results, ...place } = JSON.parse(printed) as { readonly results: readonly Result[] };
  expect(place).toEqual({ clusterId: world.clusterId, stage: 'dev', region: 'us-east-1' });
  const deadLetters = results.find(({ id }) => id === 'dead-letters');
  expect(deadLetters && whatOf(deadLetters)).toContain('RuleDeadLetters has 1 message');
  expect(code).toBe(1);
});
