import { describe, expect, test } from 'vitest';
import { type AlarmState, alarmState } from '../../../sandbox/account/alarm-state.ts';
import { alarm } from '../../../sandbox/account/cloudwatch-resources.ts';

const settings = alarm.parse({
  AlarmName: 'a',
  Namespace: 'n',
  MetricName: 'm',
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 3,
  DatapointsToAlarm: 3,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  Threshold: 1,
});

/** `0` within the threshold, `X` beyond it, `-` missing; the newest last. */
const values = (text: string) => text.split(' ').map((sign) => (sign === '-' ? undefined : sign === 'X' ? 1 : 0));
const KEPT = 'OK or ALARM, as before';

/** The table of the documentation (alarms-and-missing-data), three of three periods. */
describe('of five periods that CloudWatch looks at, three have to be breaching', () => {
  test.each([
    // values, missing, ignore, breaching, notBreaching
    ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
    ['- - - - 0', 'OK', 'OK', 'OK', 'OK'],
    ['- - - - -', 'INSUFFICIENT_DATA', KEPT, 'ALARM', 'OK'],
    ['0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['- - X - -', 'ALARM', KEPT, 'ALARM', 'OK'],
  ])('%s', (text, missing, ignore, breaching, notBreaching) => {
    const expected = { missing, ignore, breaching, notBreaching };
    for (const [TreatMissingData, state] of Object.entries(expected) as [keyof typeof expected, string][]) {
      for (const before of ['OK', 'ALARM'] as const) {
        const found: AlarmState = alarmState({ ...settings, TreatMissingData }, values(text), before);
        expect([TreatMissingData, found]).toEqual([TreatMissingData, state === KEPT ? before : state]);
      }
    }
  });
});

test.each([
  ['0 - X - X', 'ALARM'],
  ['0 0 X 0 X', 'ALARM'],
  ['0 X 0 0 X', 'OK'],
])('with two of three, %s is %s', (text, state) => {
  expect(alarmState({ ...settings, DatapointsToAlarm: 2 }, values(text), 'OK')).toBe(state);
});

test.each([
  ['GreaterThanOrEqualToThreshold', ['OK', 'ALARM', 'ALARM']],
  ['GreaterThanThreshold', ['OK', 'OK', 'ALARM']],
  ['LessThanThreshold', ['ALARM', 'OK', 'OK']],
] as const)('%s of 0, 1 and 2 with the threshold 1', (ComparisonOperator, states) => {
  const one = { ...settings, ComparisonOperator, EvaluationPeriods: 1, DatapointsToAlarm: 1 };
  expect([0, 1, 2].map((value) => alarmState(one, [value], 'OK'))).toEqual(states);
});
