import * as z from 'zod/mini';
import type { Alarm, Alarms } from './alarms.ts';
import { epoch, jsonHandler, operation, page } from './aws-json.ts';
import type { Surroundings } from './surroundings.ts';
import { WireFault, type WireHandler } from './wire.ts';

/** docs: AmazonCloudWatch/latest/APIReference/API_DescribeAlarms */
const describeInput = z.strictObject({
  AlarmNames: z.optional(z.array(z.string()).check(z.maxLength(100))),
  AlarmNamePrefix: z.optional(z.string()),
  StateValue: z.optional(z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA'])),
  MaxRecords: z._default(z.int().check(z.gte(1), z.lte(100)), 50),
  NextToken: z.optional(z.string()),
});

/** The part of CloudWatch that says how alarms stand. */
export const cloudWatchHandler = (alarms: Alarms, world: Surroundings): WireHandler =>
  jsonHandler(
    'GraniteServiceVersion20100801',
    {
      DescribeAlarms: operation(describeInput, ({ AlarmNames, AlarmNamePrefix, StateValue, MaxRecords, NextToken }) => {
        if (AlarmNames !== undefined && AlarmNamePrefix !== undefined)
          throw new WireFault('InvalidParameterCombination', 'AlarmNames and AlarmNamePrefix exclude each other.');
        const found = alarms
          .all()
          .filter(
            ({ settings: { AlarmName }, state }) =>
              AlarmName.startsWith(AlarmNamePrefix ?? '') &&
              (AlarmNames?.includes(AlarmName) ?? true) &&
              (StateValue ?? state) === state,
          )
          .toSorted((a, b) => (a.settings.AlarmName < b.settings.AlarmName ? -1 : 1));
        const invalid = () => new WireFault('InvalidNextToken', 'The next token specified is invalid.');
        const { items, next } = page(found, NextToken, MaxRecords, invalid);
        return { MetricAlarms: items.map((one) => answer(one, world)), CompositeAlarms: [], NextToken: next };
      }),
    },
    world,
  );

const answer = ({ settings, state, since }: Alarm, { region, accountId }: Surroundings) => ({
  ActionsEnabled: true,
  AlarmActions: [],
  OKActions: [],
  InsufficientDataActions: [],
  ...settings,
  AlarmArn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${settings.AlarmName}`,
  StateValue: state,
  StateUpdatedTimestamp: epoch(since),
});
