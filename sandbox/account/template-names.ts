import { createHash } from 'node:crypto';
import { resolve, type Scope, type Template } from './template.ts';

export interface Place {
  readonly stack: string;
  readonly accountId: string;
  readonly region: string;
  /** `http://…:4566`: queue URLs begin with it, and the SDK calls them. */
  readonly endpoint: string;
}

/** Property that names a resource of this type; and what `Ref` and `Fn::GetAtt` answer for a name. */
interface Naming {
  readonly property: string;
  readonly ref?: (name: string, place: Place) => string;
  readonly attributes: (name: string, place: Place) => Readonly<Record<string, string>>;
}

const arn =
  (service: string, prefix = '') =>
  (name: string, { region, accountId }: Place) => ({
    Arn: `arn:aws:${service}:${region}:${accountId}:${prefix}${name}`,
  });

/** Return values of docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference, page by type. */
const NAMING: Readonly<Record<string, Naming>> = {
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', attributes: arn('cloudwatch', 'alarm:') },
  'AWS::Events::Rule': { property: 'Name', attributes: arn('events', 'rule/') },
  'AWS::IAM::Role': {
    property: 'RoleName',
    attributes: (name, { accountId }) => ({ Arn: `arn:aws:iam::${accountId}:role/${name}` }),
  },
  'AWS::Lambda::Function': { property: 'FunctionName', attributes: arn('lambda', 'function:') },
  'AWS::Logs::LogGroup': {
    property: 'LogGroupName',
    attributes: (name, { region, accountId }) => ({ Arn: `arn:aws:logs:${region}:${accountId}:log-group:${name}:*` }),
  },
  'AWS::S3::Bucket': { property: 'BucketName', attributes: (name) => ({ Arn: `arn:aws:s3:::${name}` }) },
  'AWS::SQS::Queue': {
    property: 'QueueName',
    ref: (name, { endpoint, accountId }) => `${endpoint}/${accountId}/${name}`,
    attributes: (name, place) => ({ ...arn('sqs')(name, place), QueueName: name }),
  },
  'AWS::SSM::Document': { property: 'Name', attributes: () => ({}) },
};

/** The scope in which a template's functions are resolved: parameters, and the names of its resources. */
export function scopeOf(template: Template, place: Place, given: Readonly<Record<string, string>>): Scope {
  const nameOf = (logicalId: string): { naming: Naming; name: string } | undefined => {
    const { Type = '', Properties = {} } = template.Resources[logicalId] ?? {};
    const naming = NAMING[Type];
    if (naming === undefined) return undefined;
    const wanted = resolve(Properties[naming.property], scope);
    return { naming, name: typeof wanted === 'string' ? wanted : generatedName(place.stack, logicalId) };
  };
  const scope: Scope = {
    parameters: { ...parametersOf(template, given), ...pseudo(place) },
    conditions: template.Conditions ?? {},
    ref(logicalId) {
      const found = nameOf(logicalId);
      return found && (found.naming.ref?.(found.name, place) ?? found.name);
    },
    attribute(logicalId, attribute) {
      const found = nameOf(logicalId);
      return found?.naming.attributes(found.name, place)[attribute];
    },
  };
  return scope;
}

function parametersOf({ Parameters = {} }: Template, given: Readonly<Record<string, string>>): Record<string, unknown> {
  const unknown = Object.keys(given).filter((name) => !(name in Parameters));
  if (unknown.length > 0) throw new Error(`template: it has no parameter ${unknown.join(', ')}`);
  return Object.fromEntries(
    Object.entries(Parameters).map(([name, { Default }]) => {
      const value = given[name] ?? Default;
      if (value === undefined) throw new Error(`template: the parameter ${name} needs a value`);
      return [name, value];
    }),
  );
}

const pseudo = ({ stack, accountId, region }: Place) => ({
  'AWS::AccountId': accountId,
  'AWS::Partition': 'aws',
  'AWS::Region': region,
  'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/${stack}/00000000-0000-4000-8000-000000000000`,
  'AWS::StackName': stack,
  'AWS::URLSuffix': 'amazonaws.com',
});

/** CloudFormation adds a random part; here it follows from the names. Lower case and short, so that it fits a bucket. */
const generatedName = (stack: string, logicalId: string): string => {
  const hash = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, 12);
  return `${`${stack}-${logicalId}`.toLowerCase().slice(0, 50)}-${hash}`;
};
