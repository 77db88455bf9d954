import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { parameterValues } from './template-parameters.ts';
import { resolve, type Scope, type Template } from './template.ts';
import { WireFault } from './wire.ts';

export interface Place {
  readonly stack: string;
  readonly stackId: string;
  readonly accountId: string;
  readonly region: string;
  /** `http://…:4566`: queue URLs begin with it, and the SDK calls them. */
  readonly endpoint: string;
}

/** How a resource of this type is named, and what `Ref` and `Fn::GetAtt` answer for a name. */
interface Naming {
  readonly property?: string;
  /** Other properties of which a change means a new resource: "Update requires: Replacement". */
  readonly fixed?: readonly string[];
  readonly ref?: (name: string, place: Place) => string;
  readonly attributes?: (name: string, place: Place) => Readonly<Record<string, string>>;
}

const arn =
  (service: string, prefix = '') =>
  (name: string, { region, accountId }: Place) => ({
    Arn: `arn:aws:${service}:${region}:${accountId}:${prefix}${name}`,
  });

const policyArn = (name: string, { accountId }: Place): string => `arn:aws:iam::${accountId}:policy/${name}`;

/** As EC2 writes ids: a prefix and 17 hexadecimal digits. */
export const physicalId = (prefix: string, name: string): string =>
  `${prefix}-0${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;

/** Return values of docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference, page by type. */
const NAMING: Readonly<Record<string, Naming>> = {
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', attributes: arn('cloudwatch', 'alarm:') },
  'AWS::AutoScaling::AutoScalingGroup': { property: 'AutoScalingGroupName' },
  'AWS::EC2::LaunchTemplate': {
    property: 'LaunchTemplateName',
    ref: (name) => physicalId('lt', name),
    // Every version is one more; what refers to it sees none of them here.
    attributes: () => ({ LatestVersionNumber: '1' }),
  },
  'AWS::EC2::SecurityGroup': {
    property: 'GroupName',
    fixed: ['GroupDescription', 'VpcId'],
    ref: (name) => physicalId('sg', name),
    attributes: (name) => ({ GroupId: physicalId('sg', name) }),
  },
  'AWS::EC2::Volume': { ref: (name) => physicalId('vol', name) },
  'AWS::EC2::SecurityGroupIngress': {
    fixed: ['GroupId', 'IpProtocol', 'FromPort', 'ToPort', 'SourceSecurityGroupId', 'CidrIp', 'CidrIpv6'],
  },
  'AWS::CloudWatch::Dashboard': { property: 'DashboardName' },
  'AWS::Events::Rule': { property: 'Name', attributes: arn('events', 'rule/') },
  'AWS::IAM::ManagedPolicy': {
    property: 'ManagedPolicyName',
    fixed: ['Description'],
    ref: policyArn,
    attributes: (name, place) => ({ PolicyArn: policyArn(name, place) }),
  },
  'AWS::IAM::InstanceProfile': {
    property: 'InstanceProfileName',
    attributes: (name, { accountId }) => ({ Arn: `arn:aws:iam::${accountId}:instance-profile/${name}` }),
  },
  'AWS::SecretsManager::Secret': {
    property: 'Name',
    ref: (name, { region, accountId }) => `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-AbCdEf`,
  },
  'AWS::IAM::Role': {
    property: 'RoleName',
    attributes: (name, { accountId }) => ({ Arn: `arn:aws:iam::${accountId}:role/${name}` }),
  },
  'AWS::Lambda::EventInvokeConfig': { fixed: ['FunctionName', 'Qualifier'] },
  'AWS::Lambda::EventSourceMapping': { fixed: ['EventSourceArn'] },
  'AWS::Lambda::Function': { property: 'FunctionName', attributes: arn('lambda', 'function:') },
  'AWS::Lambda::Permission': { fixed: ['Action', 'FunctionName', 'Principal', 'SourceArn'] },
  'AWS::Logs::LogGroup': {
    property: 'LogGroupName',
    attributes: (name, { region, accountId }) => ({ Arn: `arn:aws:logs:${region}:${accountId}:log-group:${name}:*` }),
  },
  'AWS::S3::Bucket': { property: 'BucketName', attributes: (name) => ({ Arn: `arn:aws:s3:::${name}` }) },
  'AWS::S3::BucketPolicy': { fixed: ['Bucket'] },
  'AWS::SQS::Queue': {
    property: 'QueueName',
    ref: (name, { endpoint, accountId }) => `${endpoint}/${accountId}/${name}`,
    attributes: (name, place) => ({ ...arn('sqs')(name, place), QueueName: name }),
  },
  // As long as UpdateMethod is Replace, the default.
  'AWS::SSM::Document': { property: 'Name', fixed: ['Content', 'DocumentType', 'DocumentFormat', 'TargetType'] },
};

const namingOf = (type: string): Naming => NAMING[type] ?? {};

/** The name that a template gives a resource, or undefined. */
export function customName(template: Template, logicalId: string, scope: Scope): string | undefined {
  const { Type = '', Properties = {} } = template.Resources[logicalId] ?? {};
  const wanted = resolve(Properties[namingOf(Type).property ?? ''], scope);
  return typeof wanted === 'string' ? wanted : undefined;
}

/** What the functions answer of a resource. */
export function identityOf(type: string, name: string, place: Place) {
  const { ref, attributes } = namingOf(type);
  return { ref: ref?.(name, place) ?? name, attributes: attributes?.(name, place) ?? {} };
}

/** Whether a change of these properties needs another resource in the place of this one. */
export function replacing(type: string, before: unknown, after: unknown): boolean {
  const { property, fixed = [] } = namingOf(type);
  const valueOf = (properties: unknown, key: string): unknown => (properties as Record<string, unknown>)[key];
  return [...(property === undefined ? [] : [property]), ...fixed].some(
    (key) => !isDeepStrictEqual(valueOf(before, key), valueOf(after, key)),
  );
}

/**
 * The scope in which a template's functions are resolved: parameters, and the names of its resources. `generated`: the
 * names that resources without one of their own have, or will have.
 */
export function scopeOf(
  template: Template,
  place: Place,
  given: Readonly<Record<string, string>>,
  generated: (logicalId: string) => string = (logicalId) => generatedName(place, logicalId),
): Scope {
  const beingNamed = new Set<string>();
  const nameOf = (logicalId: string): string => {
    if (beingNamed.has(logicalId)) {
      throw new WireFault('ValidationError', `Circular dependency between resources: [${[...beingNamed].join(', ')}]`);
    }
    beingNamed.add(logicalId);
    try {
      return customName(template, logicalId, scope) ?? generated(logicalId);
    } finally {
      beingNamed.delete(logicalId);
    }
  };
  const identity = (logicalId: string) => {
    const type = template.Resources[logicalId]?.Type;
    return type === undefined ? undefined : identityOf(type, nameOf(logicalId), place);
  };
  const scope: Scope = {
    parameters: { ...referable(template, given), ...pseudo(place) },
    conditions: template.Conditions ?? {},
    ref: (logicalId) => identity(logicalId)?.ref,
    attribute: (logicalId, name) => identity(logicalId)?.attributes[name],
  };
  return scope;
}

/** `Ref` of a list parameter is a list. */
function referable(template: Template, given: Readonly<Record<string, string>>): Record<string, unknown> {
  const values = Object.entries(parameterValues(template, given));
  const isList = (name: string): boolean => template.Parameters?.[name]?.Type === 'CommaDelimitedList';
  // Systems Manager's public parameters have the ids of images.
  const isImage = (name: string): boolean => template.Parameters?.[name]?.Type.startsWith('AWS::SSM::') === true;
  const valueOf = (name: string, value: string): unknown => {
    if (isImage(name)) return physicalId('ami', value);
    return isList(name) ? value.split(',').map((item) => item.trim()) : value;
  };
  return Object.fromEntries(values.map(([name, value]) => [name, valueOf(name, value)]));
}

const pseudo = ({ stack, stackId, accountId, region }: Place) => ({
  'AWS::AccountId': accountId,
  'AWS::Partition': 'aws',
  'AWS::Region': region,
  'AWS::StackId': stackId,
  'AWS::StackName': stack,
  'AWS::URLSuffix': 'amazonaws.com',
});

/**
 * CloudFormation adds a random part; here it follows from the stack's id, and from how often the resource has been
 * replaced. Lower case and short, so that it fits a bucket.
 */
export function generatedName({ stack, stackId }: Place, logicalId: string, replaced = 0): string {
  const hash = createHash('sha256').update(`${stackId}/${logicalId}/${replaced}`).digest('hex').slice(0, 12);
  return `${`${stack}-${logicalId}`.toLowerCase().slice(0, 50)}-${hash}`;
}
