import * as z from 'zod/mini';

const name = z.string().check(z.minLength(1), z.maxLength(255));
const topics = z.optional(z.array(z.string().check(z.startsWith('arn:'))).check(z.maxLength(5)));
const DAY = 86_400;
/** Seconds; finer ones are for metrics of high resolution. */
const period = z
  .int()
  .check(z.refine((seconds) => seconds >= 60 && seconds % 60 === 0, { error: 'not whole minutes' }));

/** docs: AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm, limits of PutMetricAlarm. */
export const alarm = z
  .strictObject({
    AlarmName: name,
    AlarmDescription: z.optional(z.string().check(z.maxLength(1024))),
    Namespace: name,
    MetricName: name,
    Dimensions: z._default(z.array(z.strictObject({ Name: name, Value: z.string().check(z.minLength(1)) })), []),
    Statistic: z.enum(['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum']),
    Period: period,
    EvaluationPeriods: z.int().check(z.gte(1)),
    DatapointsToAlarm: z.int().check(z.gte(1)),
    ComparisonOperator: z.enum(['GreaterThanOrEqualToThreshold', 'GreaterThanThreshold', 'LessThanThreshold']),
    Threshold: z.number(),
    TreatMissingData: z._default(z.enum(['breaching', 'notBreaching', 'ignore', 'missing']), 'missing'),
    AlarmActions: topics,
    OKActions: topics,
  })
  .check(
    z.refine((one) => one.DatapointsToAlarm <= one.EvaluationPeriods, { error: 'more data points than periods' }),
    z.refine((one) => one.EvaluationPeriods * one.Period <= DAY, { error: 'evaluated over more than a day' }),
  );
export type AlarmSettings = z.output<typeof alarm>;

const box = {
  x: z.int().check(z.gte(0), z.lte(23)),
  y: z.int().check(z.gte(0)),
  width: z.int().check(z.gte(1), z.lte(24)),
  height: z.int().check(z.gte(1), z.lte(1000)),
};
const metric = z.union([
  // [namespace, metric, dimension, value …, options]
  z.array(z.union([z.string(), z.strictObject({ label: z.optional(z.string()), stat: z.optional(z.string()) })])),
  z.tuple([z.strictObject({ expression: z.string(), label: z.optional(z.string()), id: z.string() })]),
]);

/** docs: AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure, as far as we use it. */
export const dashboardBody = z.strictObject({
  widgets: z.array(
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text'), ...box, properties: z.strictObject({ markdown: z.string() }) }),
      z.strictObject({
        type: z.literal('alarm'),
        ...box,
        properties: z.strictObject({
          title: z.string(),
          alarms: z.array(z.string().check(z.startsWith('arn:'))).check(z.minLength(1), z.maxLength(100)),
        }),
      }),
      z.strictObject({
        type: z.literal('metric'),
        ...box,
        properties: z.strictObject({
          title: z.string(),
          region: z.string(),
          view: z.enum(['timeSeries', 'singleValue']),
          stacked: z.optional(z.boolean()),
          stat: z.string(),
          period,
          metrics: z.array(metric).check(z.minLength(1), z.maxLength(500)),
        }),
      }),
    ]),
  ),
});

/** docs: AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-dashboard; names are global in an account. */
export const dashboard = z.strictObject({
  DashboardName: name.check(z.regex(/^[A-Za-z0-9_-]+$/)),
  DashboardBody: z.string().check(z.refine(isBody, { error: 'not a dashboard body' })),
});

function isBody(text: string): boolean {
  return z.safeParse(dashboardBody, JSON.parse(text)).success;
}
