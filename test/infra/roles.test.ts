import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { calledBy } from './port-calls.ts';
import { arn, ofType, resource } from './template.ts';

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const roles = ofType('AWS::IAM::Role');

function statements(role: string): readonly Statement[] {
  const policies = resource(role).Properties['Policies'] as { PolicyDocument?: { Statement: readonly Statement[] } }[];
  // That of X-Ray depends on a condition: tracing.test.ts.
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument?.Statement ?? []);
}

const actions = (role: string): readonly string[] =>
  [...new Set(statements(role).flatMap(({ Action }) => Action))].toSorted();
const found = (role: string, sid: string): Statement | undefined => statements(role).find(({ Sid }) => Sid === sid);
const sub = (text: string) => ({ 'Fn::Sub': text });

/** `arn:…:s3:::<our bucket>` and what comes after it. */
const inBucket = (key: string) => ({
  'Fn::Sub': [
    `arn:\${AWS::Partition}:s3:::\${Name}${key}`,
    { Name: { 'Fn::If': ['OwnBucket', { Ref: 'Bucket' }, { Ref: 'ExistingBucket' }] } },
  ],
});

const LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const RECEIVE = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];

test.each([
  ['OnEventRole', 'functions/on-event.ts', [...LOGS, ...RECEIVE]],
  ['SweepRole', 'functions/sweep.ts', LOGS],
  ['BackfillRole', 'functions/backfill.ts', LOGS],
])('%s may do exactly what the code of its function does, and its log and trigger need', (role, file, around) => {
  expect(actions(role)).toEqual([...calledBy(file), ...around].toSorted());
});

test('of the three, only those that find clusters may list them, and only those that order may send', () => {
  const may = (action: string) => roles.flatMap(([role]) => (actions(role).includes(action) ? [role] : []));
  expect(may('elasticmapreduce:ListClusters')).toEqual(['SweepRole', 'BackfillRole']);
  expect(may('ssm:SendCommand')).toEqual(['OnEventRole', 'SweepRole']);
  expect(may('s3:DeleteObject')).toEqual(['OnEventRole', 'SweepRole']);
  expect(may('sqs:SendMessage')).toEqual(['OnEventRole', 'BackfillRole']);
});

test('each function has a role of its own, which only Lambda can assume and which has no managed policy', () => {
  expect(ofType('AWS::Lambda::Function').map(([, { Properties }]) => Properties['Role'])).toEqual(
    ['OnEventRole', 'SweepRole', 'BackfillRole'].map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] })),
  );
  expect(roles).toHaveLength(3);
  for (const [, { Properties }] of roles) {
    expect(Properties).toMatchObject({
      AssumeRolePolicyDocument: {
        Statement: [{ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
    });
    expect(Properties).not.toHaveProperty('ManagedPolicyArns');
    expect(Properties).not.toHaveProperty('RoleName'); // global in an account: two regions would collide
  }
});

describe('every statement', () => {
  test('allows, and names its actions whole', () => {
    for (const [role] of roles) {
      expect(statements(role).map(({ Effect }) => Effect)).toEqual(statements(role).map(() => 'Allow'));
      expect(actions(role).filter((action) => action.includes('*'))).toEqual([]);
    }
  });

  test('is bound to a resource, but for the calls that have no resource level: those are bound to the Region', () => {
    const unbound = roles.flatMap(([role]) => statements(role).filter(({ Resource }) => Resource === '*'));
    for (const { Condition } of unbound)
      expect(Condition).toEqual({ StringEquals: { 'aws:RequestedRegion': { Ref: 'AWS::Region' } } });
    expect([...new Set(unbound.flatMap(({ Action }) => Action))].toSorted()).toEqual([
      'ec2:DescribeInstances',
      'ec2:DescribeTags',
      'elasticmapreduce:ListClusters',
      'ssm:DescribeInstanceInformation',
      'ssm:ListCommandInvocations',
      'ssm:ListCommands',
    ]);
  });

  test('with the resource * has its reason beside it', async () => {
    const files = globSync('infra/resources/**/*.yml');
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const lines = texts.flatMap((text) => text.split('\n')).map((line) => line.trim());
    const unbound = lines.flatMap((line, at) => (/^(?:- )?Resource: ['"]?\*(?!\w)/.test(line) ? [lines[at - 1]] : []));
    expect(unbound.length).toBeGreaterThanOrEqual(5);
    for (const before of unbound) expect(before).toMatch(/^# .{20,}/);
  });
});

test.each(['OnEventRole', 'BackfillRole'])('%s rings the one bell, and no other queue', (role) => {
  expect(found(role, 'Ring')).toMatchObject({ Action: 'sqs:SendMessage', Resource: arn('Doorbells') });
});

test.each(['OnEventRole', 'SweepRole'])('%s sends our documents only, and to nodes of EMR clusters only', (role) => {
  expect(statements(role).filter(({ Action }) => [Action].flat().includes('ssm:SendCommand'))).toEqual([
    {
      Sid: 'OrderOurDocuments',
      Effect: 'Allow',
      Action: 'ssm:SendCommand',
      Resource: sub('arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:document/prometheus-on-emr-dev_*'),
    },
    {
      Sid: 'OrderOnEmrNodes',
      Effect: 'Allow',
      Action: 'ssm:SendCommand',
      Resource: sub('arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:instance/*'),
      Condition: { StringLike: { 'ssm:resourceTag/aws:elasticmapreduce:job-flow-id': 'j-*' } },
    },
  ]);
});

describe('in the bucket', () => {
  test.each(['OnEventRole', 'SweepRole'])(
    '%s writes records and targets, marks ends, and only reads artifacts',
    (role) => {
      const keys = (sid: string) => [found(role, sid)?.Action, found(role, sid)?.Resource];
      expect(keys('WriteRecordsAndTargets')).toEqual([
        ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
        [inBucket('/clusters/*'), inBucket('/targets/*')],
      ]);
      expect(keys('MarkEnded')).toEqual([['s3:GetObject', 's3:PutObject'], inBucket('/ended/*')]);
      expect(keys('SignArtifacts')).toEqual(['s3:GetObject', inBucket('/artifacts/*')]);
    },
  );

  test('BackfillRole writes records, and nothing else: what `force` begins anew', () => {
    const writes = statements('BackfillRole').filter(({ Action }) => [Action].flat().includes('s3:PutObject'));
    expect(writes.map(({ Resource }) => Resource)).toEqual([inBucket('/clusters/*')]);
    expect(found('BackfillRole', 'SignArtifacts')?.Resource).toEqual(inBucket('/artifacts/*'));
  });

  test('keys are listed below our prefixes only, and a missing key answers 404 and not 403', () => {
    for (const [role] of roles) {
      expect(found(role, 'ListOurKeys')).toMatchObject({
        Action: 's3:ListBucket',
        Resource: inBucket(''),
        Condition: { StringLikeIfExists: { 's3:prefix': ['clusters/*', 'targets/*', 'ended/*', 'artifacts/*'] } },
      });
    }
  });

  test('nothing is done in a bucket of another account that has taken its name', () => {
    const inS3 = roles.flatMap(([role]) =>
      statements(role).filter(({ Action }) => [Action].flat().some((action) => action.startsWith('s3:'))),
    );
    expect(inS3.length).toBeGreaterThan(3);
    for (const { Condition } of inS3)
      expect(Condition).toMatchObject({ StringEquals: { 'aws:ResourceAccount': { Ref: 'AWS::AccountId' } } });
  });
});

test('the descriptions of the policies that people attach never change: that would replace the policies', () => {
  expect(['SidecarPolicy', 'NodePolicy'].map((id) => resource(id).Properties['Description'])).toEqual([
    'What the sidecar on the Prometheus host needs, and nothing else',
    "What the SSM agent of an EMR node needs to run our documents. Not needed where AmazonSSMManagedInstanceCore is attached or SSM's Default Host Management is on - both cover all of it",
  ]);
});
