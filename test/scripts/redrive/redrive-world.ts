import { redriveCommand } from '../../../scripts/redrive/redrive.ts';
import { deployTemplate } from '../../../sandbox/account/deploy.ts';
import { inProcess } from '../../../sandbox/account/lambda.ts';
import { cliWorld } from '../cli-world.ts';

/** Logical ids and outputs of infra/resources. */
const QUEUES = {
  Doorbells: 'DoorbellQueueUrl',
  DoorbellDeadLetters: 'DoorbellDeadLetterQueueUrl',
  RuleDeadLetters: 'RuleDeadLetterQueueUrl',
} as const;

const arn = (name: keyof typeof QUEUES): string => `arn:aws:sqs:us-east-1:123456789012:${name}`;
export const DOORBELLS = arn('Doorbells');
export const FAILED = arn('DoorbellDeadLetters');
export const UNDELIVERED = arn('RuleDeadLetters');

const template = {
  Resources: Object.fromEntries(
    Object.keys(QUEUES).map((QueueName) => [QueueName, { Type: 'AWS::SQS::Queue', Properties: { QueueName } }]),
  ),
  Outputs: Object.fromEntries(Object.entries(QUEUES).map(([id, name]) => [name, { Value: { Ref: id } }])),
};

/** An account with the stack's three queues, and `npm run redrive` on it. */
export async function redriveWorld() {
  const it = await cliWorld();
  const { account, env } = it;
  const runner = () => inProcess(async () => null);
  deployTemplate(template, { account, endpoint: env.AWS_ENDPOINT_URL, runner, stack: 'prometheus-on-emr-dev' });
  return {
    ...it,
    run: async (...args: readonly string[]) => {
      const printed: string[] = [];
      const code = await redriveCommand(args, {}, (text) => void printed.push(text), new Date());
      return { code, printed: printed.join('\n') };
    },
    /** What is in a queue, parsed. */
    bodies: (queue: string): readonly unknown[] => account.sqs.bodies(queue).map((body) => JSON.parse(body) as unknown),
    /** Nobody has hidden anything: whoever looks next sees every message. */
    shown: (queue: string): number => account.sqs.depth(queue).visible,
  };
}
