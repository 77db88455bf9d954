import type { BuiltDocument } from '../package/build-documents.ts';
import type { Smoke } from './examined.ts';
import { physicalId } from './examined.ts';

/** Actions that IAM is asked about together, on one resource. */
export interface Need {
  readonly actions: readonly string[];
  readonly resource: string;
  /** Condition keys and their values. */
  readonly context?: Readonly<Record<string, string>>;
}

const CLUSTER_TAG_KEY = 'ssm:resourceTag/aws:elasticmapreduce:job-flow-id';

/** Of what the roles are asked. */
export interface Deployment extends Pick<Smoke, 'stack' | 'clusterId' | 'place'> {
  readonly documents: readonly Pick<BuiltDocument, 'exporter' | 'action' | 'hash'>[];
}

/** What each function asks of AWS (test/scripts/smoke/role-needs.test.ts holds it against the code), on resources as they come up. */
export function roleNeeds(smoke: Deployment): Readonly<Record<string, readonly Need[]>> {
  const { stack, clusterId, place } = smoke;
  const { partition, accountId, bucket } = stack;
  const arn = (service: string, rest: string): string =>
    `arn:${partition}:${service}:${place.region}:${accountId}:${rest}`;
  const inBucket = (key: string): string => `arn:${partition}:s3:::${bucket}${key}`;
  const queue = arn('sqs', physicalId(stack, 'Doorbells')?.split('/').at(-1) ?? '');
  const ring: Need = { actions: ['sqs:SendMessage'], resource: queue };
  const listClusters: Need = { actions: ['elasticmapreduce:ListClusters'], resource: '*' };
  const lookAtClusters: Need = {
    actions: [
      'elasticmapreduce:DescribeCluster',
      'elasticmapreduce:ListInstanceFleets',
      'elasticmapreduce:ListInstanceGroups',
      'elasticmapreduce:ListInstances',
    ],
    resource: arn('elasticmapreduce', `cluster/${clusterId}`),
  };
  const lookAtNodes: Need = {
    actions: [
      'ec2:DescribeInstances',
      'ec2:DescribeTags',
      'ssm:DescribeInstanceInformation',
      'ssm:ListCommandInvocations',
      'ssm:ListCommands',
    ],
    resource: '*',
  };
  const readArtifacts: Need = { actions: ['s3:GetObject'], resource: inBucket('/artifacts/node/1/file') };
  const list = ['clusters/', 'targets/'].map((prefix): Need => ({
    actions: ['s3:ListBucket'],
    resource: inBucket(''),
    context: { 's3:prefix': prefix },
  }));
  /** As S3 asks to answer a read of a missing key by 404. */
  const missing: Need = { actions: ['s3:ListBucket'], resource: inBucket('') };
  const write = ['s3:GetObject', 's3:PutObject'];
  const act: readonly Need[] = [
    ...sendNeeds(smoke),
    { actions: [...write, 's3:DeleteObject'], resource: inBucket(`/clusters/${clusterId}.json`) },
    { actions: [...write, 's3:DeleteObject'], resource: inBucket(`/targets/${clusterId}.json`) },
    { actions: write, resource: inBucket(`/ended/${clusterId}.json`) },
  ];
  const logs = (name: string): Need => ({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resource: arn('logs', `log-group:/aws/lambda/prometheus-on-emr-${place.stage}-${name}:log-stream:x`),
  });
  const look = [lookAtClusters, lookAtNodes, readArtifacts, ...list, missing];
  return {
    OnEventRole: [
      logs('on-event'),
      { actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], resource: queue },
      ring,
      ...look,
      ...act,
    ],
    SweepRole: [logs('sweep'), listClusters, ...look, ...act],
    BackfillRole: [
      logs('backfill'),
      ring,
      listClusters,
      ...look,
      { actions: write, resource: inBucket(`/clusters/${clusterId}.json`) },
    ],
  };
}

/** SendCommand asks twice: for the document, and for each instance with its tags. */
export function sendNeeds({
  stack: { partition, accountId },
  clusterId,
  documents,
  place,
}: Deployment): readonly Need[] {
  const arn = (service: string, rest: string): string =>
    `arn:${partition}:${service}:${place.region}:${accountId}:${rest}`;
  const ours = documents.map(
    ({ exporter, action, hash }) => `prometheus-on-emr-${place.stage}_${exporter}-${action}-${hash}`,
  );
  return [
    ...ours.map((name) => ({ actions: ['ssm:SendCommand'], resource: arn('ssm', `document/${name}`) })),
    { actions: ['ssm:SendCommand'], resource: anInstance(arn), context: { [CLUSTER_TAG_KEY]: clusterId } },
  ];
}

/** What must stay denied: an instance of nobody's cluster, and a document that is not ours. */
export function deniedNeeds({ stack: { partition, accountId }, place: { region } }: Deployment): readonly Need[] {
  const arn = (service: string, rest: string): string => `arn:${partition}:${service}:${region}:${accountId}:${rest}`;
  return [
    { actions: ['ssm:SendCommand'], resource: anInstance(arn) },
    { actions: ['ssm:SendCommand'], resource: `arn:${partition}:ssm:${region}::document/AWS-RunShellScript` },
  ];
}

const anInstance = (arn: (service: string, rest: string) => string): string =>
  arn('ec2', 'instance/i-00000000000000000');
