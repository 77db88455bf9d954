import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { awsCode, chunksOf, everyItem } from '../../shared/aws/aws-error.ts';
import type { Place } from '../place-options.ts';
import { counted } from '../text-table.ts';
import { type Check, ok, problem, skipped, verdict } from './check.ts';
import { repair } from './repair.ts';
import { ofType, type Smoke, type Stack } from './examined.ts';

const HOUR = 3_600_000;
/** DescribeAlarms, AlarmNames: at most 100 items. */
const ALARMS_PER_CALL = 100;

const caller: Check = {
  id: 'caller',
  says: 'the AWS credentials are valid',
  needs: [], // sts:GetCallerIdentity is never denied
  async run({ clients, place }) {
    const { Account, Arn } = await clients.sts.send(new GetCallerIdentityCommand({}));
    return ok(`${Arn} in account ${Account}, ${place.region}`);
  },
};

const stack: Check = {
  id: 'stack',
  says: 'the stack is deployed whole',
  needs: ['cloudformation:DescribeStacks', 'cloudformation:ListStackResources'],
  run: async ({ stack: deployed, place }) =>
    verdict(
      `${deployed.name} is ${deployed.status}, ${counted(deployed.resources.length, 'resource')}`,
      notWhole(deployed, place, 'deploy'),
    ),
};

/** Nothing, or why a stack is not as its last deploy meant it. */
export function notWhole(
  { name, status }: Pick<Stack, 'name' | 'status'>,
  { stage, region }: Place,
  script: 'deploy' | 'deploy:host',
) {
  if (/^(?:CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return [];
  return [
    problem(
      `${name} is ${status}`,
      `wait for an update under way; otherwise its events say why: aws cloudformation describe-stack-events --stack-name ${name} --region ${region}; then npm run ${script} -- --stage ${stage} --region ${region}`,
    ),
  ];
}

const functions: Check = {
  id: 'functions',
  says: 'every function can run, works in the bucket of the stack, and is not retiring',
  needs: ['lambda:GetFunctionConfiguration'],
  async run(smoke) {
    const all = await smoke.functions();
    return verdict(
      `${counted(all.length, 'function')}, bucket ${smoke.stack.bucket}`,
      all.flatMap((one) => problemsOfFunction(one, smoke)),
    );
  },
};

function problemsOfFunction({ FunctionName, Environment, ...one }: FunctionConfiguration, smoke: Smoke) {
  const { place, stack: deployed } = smoke;
  const deploy = `npm run deploy -- --stage ${place.stage} --region ${place.region}`;
  const { State = 'Active', LastUpdateStatus = 'Successful' } = one;
  const { BUCKET, RETIRE } = Environment?.Variables ?? {};
  return [
    ...(/^(?:Active|Inactive)$/.test(State)
      ? []
      : [problem(`${FunctionName} is ${State}: ${one.StateReason}`, deploy)]),
    ...(LastUpdateStatus === 'Failed'
      ? [problem(`the last update of ${FunctionName} failed: ${one.LastUpdateStatusReason}`, deploy)]
      : []),
    ...(BUCKET === deployed.bucket
      ? []
      : [problem(`${FunctionName} works in the bucket ${BUCKET}, the stack says ${deployed.bucket}`, repair(smoke))]),
    ...(RETIRE === 'true'
      ? [
          problem(
            `${FunctionName} takes everything off and installs nothing: npm run remove was begun`,
            `${deploy} takes it back`,
          ),
        ]
      : []),
  ];
}

const deadLetters: Check = {
  id: 'dead-letters',
  says: 'no dead-letter queue has a message',
  needs: ['sqs:GetQueueAttributes'],
  async run({ stack: deployed, clients, place: { stage, region } }) {
    const queues = ofType(deployed, 'AWS::SQS::Queue').filter(({ logicalId }) => logicalId.endsWith('DeadLetters'));
    const counts = await Promise.all(
      queues.map(async ({ logicalId, physicalId: QueueUrl }) => {
        const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
        const { Attributes = {} } = await clients.sqs.send(
          new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
        );
        return { logicalId, messages: AttributeNames.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0) };
      }),
    );
    const problems = counts
      .filter(({ messages }) => messages > 0)
      .map(({ logicalId, messages }) =>
        problem(
          `${logicalId} has ${counted(messages, 'message')}`,
          `the functions' logs say why they failed; then put them back: npm run redrive -- --stage ${stage} --region ${region}`,
        ),
      );
    return verdict(`${counted(queues.length, 'queue')}, empty`, problems);
  },
};

const alarms: Check = {
  id: 'alarms',
  says: 'no alarm of the stack rings',
  needs: ['cloudwatch:DescribeAlarms'],
  async run(smoke) {
    const { stack: deployed, clients } = smoke;
    const names = ofType(deployed, 'AWS::CloudWatch::Alarm').map(({ physicalId }) => physicalId);
    if (names.length === 0) return skipped('the stack has no alarms');
    const pages = await Promise.all(
      chunksOf(ALARMS_PER_CALL, names).map((AlarmNames) =>
        clients.cloudWatch.send(
          new DescribeAlarmsCommand({ AlarmNames: [...AlarmNames], MaxRecords: ALARMS_PER_CALL }),
        ),
      ),
    );
    const found = pages.flatMap(({ MetricAlarms = [] }) => MetricAlarms);
    const problems = found.filter(({ StateValue }) => StateValue === 'ALARM').map(ringing);
    const missing = names.filter((name) => !found.some(({ AlarmName }) => AlarmName === name));
    return verdict(`${counted(found.length, 'alarm')}, none in ALARM`, [
      ...problems,
      ...missing.map((name) => problem(`the alarm ${name} is not there`, repair(smoke))),
    ]);
  },
};

export const ringing = ({ AlarmName = '', StateReason = '' }: MetricAlarm) =>
  problem(`${AlarmName}: ${StateReason}`, `docs/runbooks/${AlarmName.split('-').at(-1)}.md`);

const denials: Check = {
  id: 'denials',
  says: 'AWS has refused the functions nothing in the last hour',
  needs: ['logs:FilterLogEvents'],
  async run(smoke) {
    const groups = ofType(smoke.stack, 'AWS::Logs::LogGroup').map(({ physicalId }) => physicalId);
    const problems = (await Promise.all(groups.map((group) => denialsIn(smoke, group)))).flat();
    return verdict(`${counted(groups.length, 'log')} of the functions`, problems);
  },
};

async function denialsIn(smoke: Smoke, logGroupName: string) {
  const { now, clients } = smoke;
  const request = {
    logGroupName,
    startTime: now().getTime() - HOUR,
    filterPattern: '?AccessDenied ?UnauthorizedOperation ?"not authorized to perform"',
  };
  const events = await everyItem(
    'logs:FilterLogEvents',
    paginateFilterLogEvents({ client: clients.logs }, request),
    (page) => page.events,
  ).catch((error: unknown) => {
    // A function that has never run has a log group only once the stack made one.
    if (error instanceof Error && awsCode(error.cause) === 'ResourceNotFoundException') return [];
    throw error;
  });
  if (events.length === 0) return [];
  const last = events.at(-1)?.message ?? '';
  const said = /[^"]*(?:not authorized to perform|AccessDenied|UnauthorizedOperation)[^"]*/.exec(last)?.[0] ?? last;
  return [
    problem(
      `${logGroupName}: ${counted(events.length, 'line')}, the last one: ${said.trim().slice(0, 300)}`,
      `its role lacks it, or a boundary, SCP or bucket policy denies it: the line roles says which; where it is the role, ${repair(smoke)}`,
    ),
  ];
}

export const STACK_CHECKS: readonly Check[] = [caller, stack, functions, deadLetters, alarms, denials];
