import { expect, onTestFinished, test } from 'vitest';
import { createAccount } from '../../sandbox/account/account.ts';
import { virtualClock } from '../../sandbox/account/clock.ts';
import { QUICK } from '../../sandbox/account/compute.ts';
import { deployTemplate } from '../../sandbox/account/deploy.ts';
import { inProcess } from '../../sandbox/account/lambda.ts';
import { template } from './template.ts';

/** What the stack has of X-Ray under these parameters: the functions' mode, and who may send traces. */
function traced(parameters: Readonly<Record<string, string>>) {
  const account = createAccount({ clock: virtualClock(new Date()), timings: QUICK });
  onTestFinished(() => account.stop());
  const runner = () => inProcess(async () => null);
  deployTemplate(template, { account, endpoint: 'http://127.0.0.1:4566', runner, stack: 'dev', parameters });
  const resources = [...(account.stacks.find('dev')?.resources.values() ?? [])];
  const functions = resources.filter(({ type }) => type === 'AWS::Lambda::Function');
  return {
    modes: functions.map(({ properties }) => (properties as Record<string, unknown>)['TracingConfig']),
    policy: resources.find(({ logicalId }) => logicalId === 'TracingPolicy')?.properties,
    roles: resources.flatMap(({ type, physicalId }) => (type === 'AWS::IAM::Role' ? [physicalId] : [])),
  };
}

test('X-Ray is off, and nobody may send it anything, unless it is asked for', () => {
  expect(traced({})).toMatchObject({ modes: [undefined, undefined, undefined], policy: undefined });
});

test('one switch has every function traced, and gives its role the right to send traces, and nothing else', () => {
  const { modes, policy, roles } = traced({ Tracing: 'true' });
  expect(modes).toEqual([{ Mode: 'Active' }, { Mode: 'Active' }, { Mode: 'Active' }]);
  const { Roles, PolicyDocument } = policy as { Roles: string[]; PolicyDocument: { Statement: unknown[] } };
  expect(Roles.toSorted()).toEqual(roles.toSorted());
  expect(PolicyDocument.Statement).toEqual([
    {
      Sid: 'SendTraces',
      Effect: 'Allow',
      Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
      Resource: '*',
    },
  ]);
});
