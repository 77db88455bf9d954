import { alarm, dashboard } from './cloudwatch-resources.ts';
import { inert, type Kind, kind } from './deploy-kind.ts';

export const CLOUDWATCH_KINDS: Readonly<Record<string, Kind>> = {
  'AWS::CloudWatch::Alarm': kind(alarm, (settings, { account }) => account.alarms.put(settings), true),
  // Nobody looks at it here; what it may say is checked.
  'AWS::CloudWatch::Dashboard': inert(dashboard),
};
