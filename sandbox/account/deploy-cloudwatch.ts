import { alarm, dashboard, sumAlarm } from './cloudwatch-resources.ts';
import { inert, type Kind, kind } from './deploy-kind.ts';

const ofMetric = kind(alarm, (settings, { account }) => account.alarms.put(settings), true);
const ofSum = kind(sumAlarm, (settings, { account }) => account.alarms.put(settings), true);
const formOf = (properties: unknown): Kind =>
  typeof properties === 'object' && properties !== null && 'Metrics' in properties ? ofSum : ofMetric;

export const CLOUDWATCH_KINDS: Readonly<Record<string, Kind>> = {
  'AWS::CloudWatch::Alarm': {
    isUpdatable: true,
    unmodelled: (properties) => formOf(properties).unmodelled(properties),
    put: (properties, creation) => formOf(properties).put(properties, creation),
  },
  // Nobody looks at it here; what it may say is checked.
  'AWS::CloudWatch::Dashboard': inert(dashboard),
};
