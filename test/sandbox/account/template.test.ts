import { expect, test } from 'vitest';
import { scopeOf } from '../../../sandbox/account/template-names.ts';
import { isTrue, readTemplate, resolve } from '../../../sandbox/account/template.ts';

const template = readTemplate({
  Parameters: { ExistingBucket: { Type: 'String', Default: '' }, Stage: { Type: 'String', Default: 'dev' } },
  Conditions: {
    OwnBucket: { 'Fn::Equals': [{ Ref: 'ExistingBucket' }, ''] },
    Prod: { 'Fn::And': [{ Condition: 'OwnBucket' }, { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] }] }] },
    Either: { 'Fn::Or': [{ Condition: 'OwnBucket' }, { Condition: 'Prod' }] },
  },
  Resources: {
    Bucket: { Type: 'AWS::S3::Bucket' },
    Bells: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { 'Fn::Sub': 'bells-${Stage}' } } },
    Sweep: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'sweep' } },
    Document: { Type: 'AWS::SSM::Document', Properties: { Name: 'prometheus-on-emr-dev_node' } },
    Strange: { Type: 'AWS::Strange::Thing' },
  },
});
const stackId = 'arn:aws:cloudformation:us-east-1:123456789012:stack/Stack/1';
const place = {
  stack: 'Stack',
  stackId,
  accountId: '123456789012',
  region: 'us-east-1',
  endpoint: 'http://127.0.0.1:4566',
};
const scope = scopeOf(template, place, {});

test.each<[string, unknown, unknown]>([
  ['Ref of a parameter', { Ref: 'Stage' }, 'dev'],
  ['Ref of a pseudo parameter', { Ref: 'AWS::Partition' }, 'aws'],
  ['Ref of a queue is its URL', { Ref: 'Bells' }, 'http://127.0.0.1:4566/123456789012/bells-dev'],
  [
    'Ref of a function and of a document is its name',
    [{ Ref: 'Sweep' }, { Ref: 'Document' }],
    ['sweep', 'prometheus-on-emr-dev_node'],
  ],
  ['GetAtt as a list', { 'Fn::GetAtt': ['Bells', 'Arn'] }, 'arn:aws:sqs:us-east-1:123456789012:bells-dev'],
  ['GetAtt as text', { 'Fn::GetAtt': 'Sweep.Arn' }, 'arn:aws:lambda:us-east-1:123456789012:function:sweep'],
  [
    'Sub with resource, attribute, pseudo parameter and literal',
    { 'Fn::Sub': '${Sweep} ${Bells.QueueName} ${AWS::Region} ${!Kept}' },
    'sweep bells-dev us-east-1 ${Kept}',
  ],
  ['Sub with its own names', { 'Fn::Sub': ['${A}/${Stage}', { A: { Ref: 'Sweep' } }] }, 'sweep/dev'],
  ['Join', { 'Fn::Join': [':', ['arn', { Ref: 'AWS::Partition' }, { 'Fn::Join': ['/', ['a', 'b']] }]] }, 'arn:aws:a/b'],
  ['Split and Select', { 'Fn::Select': [1, { 'Fn::Split': ['-', { 'Fn::GetAtt': ['Bells', 'QueueName'] }] }] }, 'dev'],
  ['If takes one side and does not look at the other', { 'Fn::If': ['OwnBucket', 'own', { Ref: 'Nowhere' }] }, 'own'],
  ['NoValue takes the property away', { a: { 'Fn::If': ['Prod', 1, { Ref: 'AWS::NoValue' }] }, b: 2 }, { b: 2 }],
  [
    'a Condition block of a policy stays',
    { Condition: { Bool: { 'aws:SecureTransport': false } } },
    { Condition: { Bool: { 'aws:SecureTransport': false } } },
  ],
])('%s', (_name, value, expected) => {
  expect(resolve(value, scope)).toEqual(expected);
});

test.each<[string, unknown, RegExp]>([
  ['a function that is not modelled', { 'Fn::ImportValue': 'x' }, /Fn::ImportValue is not modelled/],
  ['a Ref to nothing', { Ref: 'Nowhere' }, /Ref Nowhere names neither/],
  ['an attribute that is not modelled', { 'Fn::GetAtt': ['Bells', 'Colour'] }, /Bells\.Colour/],
  ['a condition that is not there', { 'Fn::If': ['Nowhere', 1, 2] }, /no condition Nowhere/],
  ['an item that is not there', { 'Fn::Select': [5, ['a']] }, /no item 5/],
])('%s is an error', (_name, value, reason) => {
  expect(() => resolve(value, scope)).toThrow(reason);
});

test('conditions follow the parameters', () => {
  const given = scopeOf(template, place, { ExistingBucket: 'ours', Stage: 'prod' });
  const prod = scopeOf(template, place, { Stage: 'prod' });
  const all = (of: typeof scope) => ['OwnBucket', 'Prod', 'Either'].map((name) => isTrue(name, of));
  expect([all(scope), all(given), all(prod)]).toEqual([
    [true, false, true],
    [false, false, false],
    [true, true, true],
  ]);
});

test('a parameter that the template does not have is refused', () => {
  expect(() => scopeOf(template, place, { Buckett: 'x' })).toThrow(/\[Buckett\] do not exist/);
});

test('a bucket without a name gets one that S3 accepts, the same each time', () => {
  const name = resolve({ Ref: 'Bucket' }, scope);
  expect(name).toMatch(/^stack-bucket-[0-9a-f]{12}$/);
  expect(resolve({ Ref: 'Bucket' }, scopeOf(template, place, {}))).toBe(name);
});
