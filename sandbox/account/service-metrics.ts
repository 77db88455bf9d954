import * as z from 'zod/mini';
import type { Alarms, MetricPoint } from './alarms.ts';
import type { Clock } from './clock.ts';
import { watched } from './cloudwatch-resources.ts';
import type { Report } from './lambda.ts';
import type { Sqs } from './sqs.ts';

/** What Lambda says of an invocation (lambda/latest/dg/monitoring-metrics-types); throttles are not modelled. */
export const lambdaMetrics = ({ functionName, error }: Report): readonly MetricPoint[] =>
  [
    { metric: 'Invocations', value: 1 },
    { metric: 'Errors', value: error === undefined ? 0 : 1 },
  ].map((point) => ({ namespace: 'AWS/Lambda', dimensions: { FunctionName: functionName }, ...point }));

/** An event that a rule could put on no queue (eventbridge/latest/userguide/eb-monitoring); the others are not modelled. */
export const lostEvent = (ruleArn: string): MetricPoint => ({
  namespace: 'AWS/Events',
  metric: 'InvocationsFailedToBeSentToDlq',
  dimensions: { RuleName: ruleArn.split('/').at(-1) ?? '' },
  value: 1,
});

/**
 * What SQS says every minute of the queues that alarms watch
 * (AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics).
 */
export function sqsMetrics(alarms: Alarms, sqs: Sqs, clock: Clock, arnOf: (name: string) => string) {
  return (): readonly MetricPoint[] => {
    const queues = alarms
      .all()
      .flatMap(({ settings }) => watched(settings).metrics)
      .flatMap(({ Namespace, Dimensions }) => (Namespace === 'AWS/SQS' ? Dimensions.map(({ Value }) => Value) : []));
    return [...new Set(queues)].flatMap((name) => {
      const arn = arnOf(name);
      if (!sqs.has(arn)) return [];
      const oldest = sqs.oldest(arn);
      const age = oldest === undefined ? 0 : (clock.now().getTime() - oldest.getTime()) / 1000;
      return [
        { metric: 'ApproximateNumberOfMessagesVisible', value: sqs.depth(arn).visible },
        { metric: 'ApproximateAgeOfOldestMessage', value: age },
      ].map((point) => ({ namespace: 'AWS/SQS', dimensions: { QueueName: name }, ...point }));
    });
  };
}

/** docs: AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification */
const embedded = z.catchall(
  z.object({
    _aws: z.object({
      CloudWatchMetrics: z.array(
        z.object({
          Namespace: z.string(),
          Dimensions: z.array(z.array(z.string())),
          Metrics: z.array(z.object({ Name: z.string() })),
        }),
      ),
    }),
  }),
  z.unknown(),
);

/** The metrics that CloudWatch takes out of a line of a function's log; none where the line is no such one. */
export function embeddedMetrics(line: string): readonly MetricPoint[] {
  if (!line.includes('"_aws"')) return [];
  const root = embedded.parse(JSON.parse(line));
  return root['_aws'].CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = Object.fromEntries(names.map((name) => [name, String(root[name])]));
      return Metrics.flatMap(({ Name }) =>
        // A gauge that was set twice in a run is a list.
        [root[Name]].flat().map((value) => ({ namespace: Namespace, metric: Name, dimensions, value: Number(value) })),
      );
    }),
  );
}
