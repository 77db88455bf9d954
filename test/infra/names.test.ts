import { expect, test } from 'vitest';
import { template } from './template.ts';

const SERVICE = 'prometheus-on-emr-dev';
/** The property that names a resource; where it is absent, CloudFormation makes a name that nobody else has. */
const NAMED_BY: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::Events::Rule': 'Name',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SSM::Document': 'Name',
};
/** Names of these are the same in every Region of an account, or in the world. */
const GLOBAL = new Set(['AWS::IAM::Role', 'AWS::IAM::ManagedPolicy', 'AWS::S3::Bucket']);
/** They have no name of their own: they belong to what they refer to. */
const NAMELESS = new Set([
  'AWS::EC2::SecurityGroupIngress',
  'AWS::IAM::Policy',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Permission',
  'AWS::S3::BucketPolicy',
  'AWS::SQS::QueuePolicy',
]);

const resources = Object.entries(template.Resources);
const nameOf = (type: string, properties: Readonly<Record<string, unknown>>) => properties[NAMED_BY[type] ?? ''];
const named = resources.flatMap(([, { Type, Properties }]) => {
  const name = nameOf(Type, Properties);
  // One that CloudFormation puts together is an object.
  return name === undefined ? [] : [{ type: Type, name: typeof name === 'string' ? name : JSON.stringify(name) }];
});

test('every type of resource is known to have a name or none', () => {
  const types = new Set(resources.map(([, { Type }]) => Type));
  expect([...types].filter((type) => !(type in NAMED_BY) && !NAMELESS.has(type))).toEqual([]);
  expect(named.length).toBeGreaterThan(20);
});

test('what is global by nature gets a generated name, or one that carries the Region: two Regions never meet', () => {
  for (const [, { Type, Properties }] of resources.filter(([, one]) => GLOBAL.has(one.Type))) {
    expect(nameOf(Type, Properties)).toBeUndefined();
  }
  const dashboards = resources.filter(([, { Type }]) => Type === 'AWS::CloudWatch::Dashboard');
  for (const [, { Properties }] of dashboards) {
    expect(JSON.stringify(Properties['DashboardName'])).toContain('${AWS::Region}');
  }
});

test('every name carries the stage', () => {
  expect(named.filter(({ name }) => !name.includes(SERVICE))).toEqual([]);
});

test('no two stages make the same name, whatever they are called', () => {
  // `a-x` + `-y` is `a` + `-x-y`: where one ending ends another, some pair of stages would meet.
  for (const [type, of] of Map.groupBy(named, (one) => one.type)) {
    const endings = of.map(({ name }) => name.slice(name.indexOf(SERVICE) + SERVICE.length));
    const clashes = endings.flatMap((long) => endings.filter((short) => long !== short && long.endsWith(short)));
    expect([type, clashes]).toEqual([type, []]);
  }
});
