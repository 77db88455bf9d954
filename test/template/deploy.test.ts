import { expect, test } from 'vitest';
import { administrator, roleOf } from '../../sandbox/account/principals.ts';
import { deployWorld } from './deploy-world.ts';
import { deployingRights, ownRights } from './deploying-rights.ts';

const STAGE = ['--stage', 'trial', '--region', 'us-east-1'];
const ROLE = 'arn:aws:iam::123456789012:role/';
const ME = roleOf(administrator('123456789012'));
const NOBODY = { Version: '2012-10-17', Statement: [] };
const DENIED =
  'User: arn:aws:iam::123456789012:user/me is not authorized to perform: iam:CreateRole because no identity-based policy allows the iam:CreateRole action';

/** Real osls, real commands: the account alone is simulated. */
test('a deploy that fails says why, the next one succeeds, another changes nothing, and remove takes away all but the bucket, --purge that too, and all of it asks for the rights that docs/deploy.md lists, and for no other', async () => {
  const { account, npmRun } = await deployWorld();
  const status = () => account.stacks.all().map(({ name, status: is }) => `${name} ${is}`);

  account.stacks.failNext('SweepRole', DENIED);
  const failed = await npmRun('deploy', ...STAGE);
  expect([failed.code, failed.stdout]).toEqual([1, '']);
  expect(failed.stderr).toContain(`Stack failed

SweepRole (AWS::IAM::Role): ${DENIED}
The stack prometheus-on-emr-trial is UPDATE_ROLLBACK_COMPLETE: what was deployed before is in force.
The deploying credentials lack a right`);

  const first = await npmRun('deploy', ...STAGE, '--param', 'logRetentionDays=90');
  expect([first.code, first.stderr]).toEqual([
    0,
    expect.stringContaining('CREATE_COMPLETE - AWS::SSM::Document - DocumentNodeInstall'),
  ]);
  expect(status()).toEqual(['prometheus-on-emr-trial UPDATE_COMPLETE']);
  const bucket = /bucket +(\S+)/.exec(first.stdout)?.[1] ?? '';
  expect(first.stdout).toContain(`--role-name PROMETHEUS_ROLE --policy-arn arn:aws:iam::123456789012:policy/`);
  expect(first.stdout).toContain(`install-sidecar.sh --bucket ${bucket} --region us-east-1`);
  const artifacts = account.s3.list(bucket, { prefix: 'artifacts/' }).objects.map(({ key }) => key);
  expect(artifacts).toContain('artifacts/node/1.12.1/node_exporter-1.12.1.linux-amd64.tar.gz');

  const content = account.s3.list(bucket, { prefix: 'content/' }).objects.map(({ key }) => key);
  expect(content).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^content\/[0-9a-f]{64}\/dashboards\/emr-fleet\.json$/),
      'content/manifest.json',
      expect.stringMatching(/^content\/[0-9a-f]{64}\/rules\/alert-hdfs\.rules\.yml$/),
    ]),
  );

  const again = await npmRun('deploy', ...STAGE);
  expect(again.code).toBe(0);
  const said = ['logRetentionDays stays 90, as it is deployed', 'linux-amd64.tar.gz is there', 'No changes to deploy'];
  for (const line of said) expect(again.stderr).toContain(line);
  expect(again.stderr.indexOf('→ Publish')).toBeLessThan(again.stderr.indexOf('→ Stack'));
  expect(again.stdout).toBe(first.stdout);

  // What the summary says to do once: the roles are not the stack's.
  const attached = [...first.stdout.matchAll(/attach-role-policy --role-name (\S+) --policy-arn (\S+)/g)];
  expect(attached.map(([, role]) => role)).toEqual(['EMR_EC2_DefaultRole', 'EMR_EC2_DefaultRole', 'PROMETHEUS_ROLE']);
  for (const [, role = '', policy = ''] of attached) {
    if (!account.permissions.stored.roles.has(ROLE + role)) account.permissions.putRole(ROLE + role, { trust: NOBODY });
    account.permissions.attach(ROLE + role, policy);
  }
  const refused = await npmRun('remove', ...STAGE);
  const detached = [...refused.stderr.matchAll(/aws iam detach-role-policy --role-name (\S+) --policy-arn (\S+)/g)];
  expect([refused.code, detached.map(([, role]) => role)]).toEqual([1, ['EMR_EC2_DefaultRole', 'PROMETHEUS_ROLE']]);
  expect(status()).toEqual(['prometheus-on-emr-trial UPDATE_COMPLETE']);
  for (const [, role = '', policy = ''] of detached) account.permissions.detach(ROLE + role, policy);

  const removed = await npmRun('remove', ...STAGE);
  expect([removed.code, removed.stdout]).toEqual([0, expect.stringContaining(`--purge --bucket ${bucket}`)]);
  expect(status()).toEqual([]);
  expect(account.s3.list(bucket, { prefix: 'artifacts/' }).objects).toHaveLength(artifacts.length);

  const alone = await npmRun('remove', ...STAGE, '--purge', '--bucket', bucket);
  expect([alone.code, alone.stderr]).toEqual([
    1,
    expect.stringContaining('nobody is there: add --yes; nothing was removed'),
  ]);
  const purged = await npmRun('remove', ...STAGE, '--purge', '--bucket', bucket, '--yes');
  expect([purged.code, purged.stdout]).toEqual([0, `prometheus-on-emr-trial is gone, and ${bucket} too.\n`]);
  expect(account.s3.hasBucket(bucket)).toBe(false);

  const asked = new Set(
    account.permissions.decisions().flatMap((one) => (roleOf(one.principal) === ME ? one.action : [])),
  );
  expect([...asked].filter((action) => !ownRights.includes(action))).toEqual([]);
  // What is not given here; what osls needs for its seventh deploy, when it deletes its oldest; what IAM asks nobody for.
  const rows = ['an existing bucket', 'security groups', 'a topic'];
  const notHere = new Set(rows.flatMap((row) => deployingRights.get(row) ?? []));
  const spare = new Set([...notHere, 's3:DeleteObject', 'sts:GetCallerIdentity']);
  expect(ownRights.filter((action) => !asked.has(action) && !spare.has(action))).toEqual([]);
}, 1_200_000);
