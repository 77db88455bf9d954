import { DescribeRuleCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { paginateListEventSourceMappings } from '@aws-sdk/client-lambda';
import { awsCode, everyItem } from '../../shared/aws/aws-error.ts';
import { counted } from '../text-table.ts';
import { type Check, problem, red, verdict } from './check.ts';
import { repair } from './repair.ts';
import { ofType, physicalId, type Smoke } from './examined.ts';

/** What makes the functions run: three rules into one queue, the queue's consumer, and the clock. */

interface Rule {
  readonly name: string;
  readonly schedule: string | undefined;
  readonly problem: string | undefined;
}

const rules: Check = {
  id: 'rules',
  says: 'the rules of EMR, EC2 and SSM ring the doorbells',
  needs: ['events:DescribeRule', 'events:ListTargetsByRule'],
  async run(smoke) {
    const wanted = arnOf(smoke, 'sqs', nameOfUrl(physicalId(smoke.stack, 'Doorbells') ?? ''));
    const found = (await readRules(smoke, (arn) => arn === wanted)).filter(({ schedule }) => schedule === undefined);
    return verdict(`${counted(found.length, 'rule')}, enabled`, problemsOf(found, smoke));
  },
};

const schedule: Check = {
  id: 'schedule',
  says: 'the sweep runs every minute',
  needs: ['events:DescribeRule', 'events:ListTargetsByRule'],
  async run(smoke) {
    const wanted = arnOf(smoke, 'lambda', `function:${physicalId(smoke.stack, 'SweepLambdaFunction')}`);
    const all = await readRules(smoke, (arn) => arn === wanted);
    const found = all.filter((rule) => rule.schedule !== undefined);
    if (found.length === 0 && all.every(({ problem: wrong }) => wrong === undefined))
      return red('there is no schedule', repair(smoke));
    return verdict(found.map((rule) => rule.schedule).join(', '), problemsOf(found, smoke));
  },
};

async function readRules(smoke: Smoke, isTarget: (arn: string) => boolean): Promise<readonly Rule[]> {
  const {
    clients: { events },
    stack,
  } = smoke;
  return await Promise.all(
    ofType(stack, 'AWS::Events::Rule').map(async ({ physicalId: id }): Promise<Rule> => {
      const name = id.split('/').at(-1) ?? id;
      try {
        const { State, ScheduleExpression } = await events.send(new DescribeRuleCommand({ Name: name }));
        const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule: name }));
        const rule = { name, schedule: ScheduleExpression === '' ? undefined : ScheduleExpression };
        if (State === 'DISABLED') return { ...rule, problem: 'is disabled' };
        return { ...rule, problem: Targets.some(({ Arn = '' }) => isTarget(Arn)) ? undefined : 'leads elsewhere' };
      } catch (error) {
        if (awsCode(error) !== 'ResourceNotFoundException') throw error;
        return { name, schedule: undefined, problem: 'does not exist' };
      }
    }),
  );
}

const problemsOf = (found: readonly Rule[], smoke: Smoke) =>
  found.flatMap(({ name, problem: wrong }) => {
    const enable = `aws events enable-rule --name ${name} --region ${smoke.place.region}`;
    return wrong === undefined ? [] : [problem(`${name} ${wrong}`, wrong === 'is disabled' ? enable : repair(smoke))];
  });

const consumer: Check = {
  id: 'consumer',
  says: 'on-event is fed from the doorbells',
  needs: ['lambda:ListEventSourceMappings'],
  async run(smoke) {
    const {
      clients: { lambda },
      stack,
      place: { region },
    } = smoke;
    const FunctionName = physicalId(stack, 'OnDasheventLambdaFunction') ?? '';
    const mappings = await everyItem(
      'lambda:ListEventSourceMappings',
      paginateListEventSourceMappings({ client: lambda }, { FunctionName }),
      (page) => page.EventSourceMappings,
    );
    const queue = arnOf(smoke, 'sqs', nameOfUrl(physicalId(stack, 'Doorbells') ?? ''));
    const mapping = mappings.find(({ EventSourceArn }) => EventSourceArn === queue);
    if (mapping === undefined) {
      return red(`${FunctionName} has no event source mapping of ${queue}`, repair(smoke));
    }
    const { State = '', UUID, BatchSize, ScalingConfig } = mapping;
    const enable = `aws lambda update-event-source-mapping --uuid ${UUID} --enabled --region ${region}`;
    return verdict(
      `${State}, batches of ${BatchSize}, ${ScalingConfig?.MaximumConcurrency ?? 'any number'} at once`,
      /^(?:Enabled|Enabling|Creating|Updating)$/.test(State)
        ? []
        : [problem(`the event source mapping is ${State}`, enable)],
    );
  },
};

const arnOf = ({ stack: { partition, accountId }, place: { region } }: Smoke, service: string, rest: string): string =>
  `arn:${partition}:${service}:${region}:${accountId}:${rest}`;
const nameOfUrl = (url: string): string => url.split('/').at(-1) ?? '';

export const EVENT_CHECKS: readonly Check[] = [rules, schedule, consumer];
