import * as z from 'zod/mini';
import { jsonHandler, operation } from './aws-json.ts';
import type { Events } from './events.ts';
import type { Surroundings } from './surroundings.ts';
import { WireFault, type WireHandler } from './wire.ts';

const nameOf = (arn: string): string => arn.split('/').at(-1) ?? '';

/** The part of EventBridge that reads rules: docs: eventbridge/latest/APIReference/API_DescribeRule, API_ListTargetsByRule. */
export function eventsHandler(events: Events, world: Surroundings): WireHandler {
  const find = (name: string) => {
    const rule = events.rules().find(({ arn }) => nameOf(arn) === name);
    if (rule === undefined) {
      throw new WireFault('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
    }
    return rule;
  };
  return jsonHandler(
    'AWSEvents',
    {
      DescribeRule: operation(z.strictObject({ Name: z.string() }), ({ Name }) => {
        const { arn, pattern, schedule, isEnabled = true } = find(Name);
        return {
          Name,
          Arn: arn,
          EventBusName: 'default',
          State: isEnabled ? 'ENABLED' : 'DISABLED',
          ...(pattern !== undefined && { EventPattern: JSON.stringify(pattern) }),
          ...(schedule !== undefined && { ScheduleExpression: schedule }),
        };
      }),
      ListTargetsByRule: operation(z.strictObject({ Rule: z.string() }), ({ Rule }) => ({
        Targets: find(Rule).targets.map(({ id, arn, deadLetterArn }) => ({
          Id: id ?? '',
          Arn: arn,
          ...(deadLetterArn !== undefined && { DeadLetterConfig: { Arn: deadLetterArn } }),
        })),
      })),
    },
    world,
  );
}
