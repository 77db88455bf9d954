import type { Asked } from './policy-evaluator.ts';

/** Where a call is made, and what IAM looks up about the resources it names. */
export interface Surveyor {
  readonly accountId: string;
  readonly region: string;
  /** Of an EC2 instance; the `aws:` ones among them. */
  readonly tagsOf: (instanceId: string) => Readonly<Record<string, string>>;
  /** Whether a key has a current version: a read of a missing one is answered by leave to list. */
  readonly hasObject: (bucket: string, key: string) => boolean;
}

/** The call's parameters by the API's names. */
export type Input = Readonly<Record<string, unknown>>;
type Ask = (input: Input, place: Surveyor) => readonly Asked[];

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const arn = (service: string, resource: string, { region, accountId }: Surveyor): string =>
  `arn:aws:${service}:${region}:${accountId}:${resource}`;
const anywhere =
  (action: string): Ask =>
  () => [{ action, resource: '*' }];

const onCluster =
  (action: string): Ask =>
  ({ ClusterId }, place) => [{ action, resource: arn('elasticmapreduce', `cluster/${text(ClusterId)}`, place) }];

const onInstance =
  (action: string): Ask =>
  ({ InstanceId }, place) => {
    const resource = arn('ec2', `instance/${text(InstanceId)}`, place);
    return [{ action, resource, context: { 'ssm:SourceInstanceARN': resource } }];
  };

/** One question for the document and one for each instance, which alone has tags. */
const sendCommand: Ask = ({ DocumentName, InstanceIds }, place) => [
  { action: 'ssm:SendCommand', resource: arn('ssm', `document/${text(DocumentName)}`, place) },
  ...(Array.isArray(InstanceIds) ? InstanceIds : []).map((id) => ({
    action: 'ssm:SendCommand',
    resource: arn('ec2', `instance/${text(id)}`, place),
    context: Object.fromEntries(
      Object.entries(place.tagsOf(text(id))).flatMap(([key, value]) => [
        [`ssm:resourceTag/${key}`, value],
        [`aws:ResourceTag/${key}`, value],
      ]),
    ),
  })),
];

/** `https://<host>/<account>/<name>` */
const onQueue =
  (action: string): Ask =>
  ({ QueueUrl }, place) => [{ action, resource: arn('sqs', text(QueueUrl).split('/').at(-1) ?? '', place) }];

const onFunction =
  (action: string): Ask =>
  ({ FunctionName }, place) => [
    { action, resource: arn('lambda', `function:${text(FunctionName).split(':').at(-1)}`, place) },
  ];

/** A stack by its name: every stack that ever had it. */
const onStack =
  (action: string): Ask =>
  ({ StackName }, place) => {
    const name = text(StackName);
    if (name === '') return [{ action, resource: '*' }];
    return [{ action, resource: name.startsWith('arn:') ? name : arn('cloudformation', `stack/${name}/*`, place) }];
  };

/**
 * What a call needs, by the service as the listener names it. Source: the Service Authorization Reference, page by
 * service, and where it is silent what AWS's messages of denied calls name. What is not here asks for the action of its
 * own name (`ec2:DescribeVpcs`) on everything.
 */
const ASKS: Readonly<Record<string, Readonly<Record<string, Ask>>>> = {
  ElasticMapReduce: {
    ListClusters: anywhere('elasticmapreduce:ListClusters'),
    DescribeCluster: onCluster('elasticmapreduce:DescribeCluster'),
    ListInstances: onCluster('elasticmapreduce:ListInstances'),
    ListInstanceGroups: onCluster('elasticmapreduce:ListInstanceGroups'),
    ListInstanceFleets: onCluster('elasticmapreduce:ListInstanceFleets'),
  },
  AmazonSSM: {
    SendCommand: sendCommand,
    UpdateInstanceInformation: onInstance('ssm:UpdateInstanceInformation'),
    ListInstanceAssociations: onInstance('ssm:ListInstanceAssociations'),
  },
  AmazonSQS: {
    SendMessage: onQueue('sqs:SendMessage'),
    SendMessageBatch: onQueue('sqs:SendMessage'),
    ReceiveMessage: onQueue('sqs:ReceiveMessage'),
    DeleteMessage: onQueue('sqs:DeleteMessage'),
    DeleteMessageBatch: onQueue('sqs:DeleteMessage'),
    GetQueueAttributes: onQueue('sqs:GetQueueAttributes'),
    ChangeMessageVisibilityBatch: onQueue('sqs:ChangeMessageVisibility'),
  },
  Lambda: {
    Invoke: onFunction('lambda:InvokeFunction'),
    GetFunction: onFunction('lambda:GetFunction'),
    GetFunctionConfiguration: onFunction('lambda:GetFunctionConfiguration'),
  },
  CloudFormation: {
    DescribeStacks: onStack('cloudformation:DescribeStacks'),
    DescribeStackResources: onStack('cloudformation:DescribeStackResources'),
  },
  SNS: {
    GetTopicAttributes: ({ TopicArn }) => [{ action: 'sns:GetTopicAttributes', resource: text(TopicArn) }],
  },
  // docs: STS/latest/APIReference/API_GetCallerIdentity: no permission is needed, and none can deny it.
  STS: { GetCallerIdentity: () => [] },
};

/** The prefix of IAM's actions, where the listener has another name. */
const PREFIX: Readonly<Record<string, string>> = {
  ElasticMapReduce: 'elasticmapreduce',
  AmazonSSM: 'ssm',
  AmazonSQS: 'sqs',
  AWSEvents: 'events',
  GraniteServiceVersion20100801: 'cloudwatch',
  EC2WindowsMessageDeliveryService: 'ec2messages',
  Logs_20140328: 'logs',
};

/** docs: IAM/latest/UserGuide/reference_policies_condition-keys: in every request; everything here belongs to the account. */
export const commonKeys = ({ region, accountId }: Surveyor): Readonly<Record<string, string>> => ({
  'aws:RequestedRegion': region,
  'aws:ResourceAccount': accountId,
});

export function askedFor(service: string, operation: string, input: Input, place: Surveyor): readonly Asked[] {
  const ask = ASKS[service]?.[operation] ?? anywhere(`${PREFIX[service] ?? service.toLowerCase()}:${operation}`);
  return ask(input, place).map((asked) => ({
    ...asked,
    context: { ...commonKeys(place), ...asked.context },
  }));
}

/** docs: eventbridge/latest/userguide/eb-use-resource-based */
export const asksDelivery = (ruleArn: string, targetArn: string): Asked => ({
  action: targetArn.split(':')[2] === 'sqs' ? 'sqs:SendMessage' : 'lambda:InvokeFunction',
  resource: targetArn,
  context: {
    'aws:SourceArn': ruleArn,
    'aws:SourceAccount': ruleArn.split(':')[4] ?? '',
    'aws:SecureTransport': 'true',
  },
});
