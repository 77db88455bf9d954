import { expect, onTestFinished, test } from 'vitest';
import { createAccount } from '../../sandbox/account/account.ts';
import { virtualClock } from '../../sandbox/account/clock.ts';
import { QUICK } from '../../sandbox/account/compute.ts';
import { deployTemplate } from '../../sandbox/account/deploy.ts';
import { inProcess } from '../../sandbox/account/lambda.ts';
import { template } from './template.ts';

interface Policy {
  readonly PolicyName: string;
  readonly PolicyDocument: { readonly Statement: readonly unknown[] };
}

/** What the stack has of X-Ray under these parameters: the functions' mode, and what their roles may beside the usual. */
function traced(parameters: Readonly<Record<string, string>>, source: unknown = template) {
  const account = createAccount({ clock: virtualClock(new Date()), timings: QUICK });
  onTestFinished(() => account.stop());
  const runner = () => inProcess(async () => null);
  deployTemplate(source, { account, endpoint: 'http://127.0.0.1:4566', runner, stack: 'dev', parameters });
  const resources = [...(account.stacks.find('dev')?.resources.values() ?? [])];
  const all = (type: string): readonly Readonly<Record<string, unknown>>[] =>
    resources.flatMap((one) => (one.type === type ? [one.properties as Readonly<Record<string, unknown>>] : []));
  return {
    modes: all('AWS::Lambda::Function').map(({ TracingConfig }) => TracingConfig),
    policies: all('AWS::IAM::Role').map(({ Policies }) =>
      (Policies as readonly Policy[]).filter(({ PolicyName }) => PolicyName === 'tracing'),
    ),
  };
}

test('X-Ray is off, and nobody may send it anything, unless it is asked for', () => {
  const off = { Mode: 'PassThrough' };
  expect(traced({})).toEqual({ modes: [off, off, off], policies: [[], [], []] });
});

test('one switch has every function traced, and gives each role the right to send traces, and nothing else', () => {
  const { modes, policies } = traced({ Tracing: 'true' });
  expect(modes).toEqual([{ Mode: 'Active' }, { Mode: 'Active' }, { Mode: 'Active' }]);
  const statement = {
    Sid: 'SendTraces',
    Effect: 'Allow',
    Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    Resource: '*',
  };
  const policy = {
    PolicyName: 'tracing',
    PolicyDocument: { Version: '2012-10-17', Statement: [statement] },
  };
  expect(policies).toEqual([[policy], [policy], [policy]]);
});

test('a traced function whose role may not send traces is refused, as Lambda refuses it', () => {
  const text = JSON.stringify(template).replace('xray:PutTraceSegments', 'xray:GetTraceSummaries');
  expect(() => traced({ Tracing: 'true' }, JSON.parse(text))).toThrow(/permissions to call PutTraceSegments on XRAY/);
});
