import { expect, test } from 'vitest';
import { type Deployment, roleNeeds } from '../../../scripts/smoke/role-needs.ts';
import { calledBy } from '../../infra/port-calls.ts';

const deployment: Deployment = {
  clusterId: 'j-1',
  place: { stage: 'prod', region: 'eu-west-1' },
  documents: [{ exporter: 'node', action: 'install', hash: 'abc' }],
  stack: {
    name: 'prometheus-on-emr-prod',
    status: 'CREATE_COMPLETE',
    partition: 'aws-cn',
    accountId: '123456789012',
    bucket: 'b',
    resources: [{ logicalId: 'Doorbells', type: 'AWS::SQS::Queue', physicalId: 'https://sqs/123456789012/bells' }],
  },
};
const needs = roleNeeds(deployment);

const LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const RECEIVE = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];

test.each([
  ['OnEventRole', 'functions/on-event.ts', [...LOGS, ...RECEIVE]],
  ['SweepRole', 'functions/sweep.ts', LOGS],
  ['BackfillRole', 'functions/backfill.ts', LOGS],
])(
  'of %s IAM is asked exactly what the code of its function does, and its log and trigger need',
  (role, file, around) => {
    const asked = new Set((needs[role] ?? []).flatMap(({ actions }) => actions));
    expect([...asked].toSorted()).toEqual([...calledBy(file), ...around].toSorted());
  },
);

test('it is asked about resources of the stack’s own partition, Region and account', () => {
  const resources = Object.values(needs).flatMap((all) => all.map(({ resource }) => resource));
  const strangers = resources.filter(
    (arn) => !/^(?:\*|arn:aws-cn:s3:::b(?:\/.*)?|arn:aws-cn:[a-z0-9]+:eu-west-1:123456789012:.+)$/.test(arn),
  );
  expect(strangers).toEqual([]);
  expect(resources).toContain('arn:aws-cn:sqs:eu-west-1:123456789012:bells');
  expect(resources).toContain('arn:aws-cn:ssm:eu-west-1:123456789012:document/prometheus-on-emr-prod_node-install-abc');
});
