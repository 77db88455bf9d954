import type { AlarmSettings } from './cloudwatch-resources.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** CloudWatch looks at more periods than it evaluates, to bridge missing ones; here two more. */
export const rangeOf = ({ EvaluationPeriods }: Pick<AlarmSettings, 'EvaluationPeriods'>): number =>
  EvaluationPeriods + 2;

/**
 * The state of an alarm after one more evaluation. `values`: one of each period of the range, the newest last, undefined
 * where there is no data. Where enough are there the newest count, however old; else the missing ones are filled in.
 * docs: AmazonCloudWatch/latest/monitoring/alarms-and-missing-data, whose tables are the test's rows.
 */
export function alarmState(
  settings: AlarmSettings,
  values: readonly (number | undefined)[],
  before: AlarmState,
): AlarmState {
  const { EvaluationPeriods, DatapointsToAlarm, TreatMissingData } = settings;
  const real = values.filter((value) => value !== undefined).slice(-EvaluationPeriods);
  const bad = real.filter((value) => isBreaching(settings, value)).length;
  const filled = EvaluationPeriods - real.length;
  const [best, worst] = [toState(bad >= DatapointsToAlarm), toState(bad + filled >= DatapointsToAlarm)];
  switch (TreatMissingData) {
    case 'notBreaching':
      return best;
    case 'breaching':
      return worst;
    case 'ignore':
      return best === worst ? best : before;
    case 'missing':
      return real.length === 0 ? 'INSUFFICIENT_DATA' : toState(bad >= Math.min(DatapointsToAlarm, real.length));
    default:
      return TreatMissingData satisfies never;
  }
}

const toState = (isAlarm: boolean): AlarmState => (isAlarm ? 'ALARM' : 'OK');

function isBreaching({ ComparisonOperator, Threshold }: AlarmSettings, value: number): boolean {
  switch (ComparisonOperator) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= Threshold;
    case 'GreaterThanThreshold':
      return value > Threshold;
    case 'LessThanThreshold':
      return value < Threshold;
    default:
      return ComparisonOperator satisfies never;
  }
}
