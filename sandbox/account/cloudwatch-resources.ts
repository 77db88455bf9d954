import * as z from 'zod/mini';

const name = z.string().check(z.minLength(1), z.maxLength(255));
const topics = z.optional(z.array(z.string().check(z.startsWith('arn:'))).check(z.maxLength(5)));
const DAY = 86_400;
/** Seconds; finer ones are for metrics of high resolution. */
const period = z
  .int()
  .check(z.refine((seconds) => seconds >= 60 && seconds % 60 === 0, { error: 'not whole minutes' }));

const watch = {
  AlarmName: name,
  AlarmDescription: z.optional(z.string().check(z.maxLength(1024))),
  EvaluationPeriods: z.int().check(z.gte(1)),
  DatapointsToAlarm: z.int().check(z.gte(1)),
  ComparisonOperator: z.enum(['GreaterThanOrEqualToThreshold', 'GreaterThanThreshold', 'LessThanThreshold']),
  Threshold: z.number(),
  TreatMissingData: z._default(z.enum(['breaching', 'notBreaching', 'ignore', 'missing']), 'missing'),
  AlarmActions: topics,
  OKActions: topics,
};
const series = {
  Namespace: name,
  MetricName: name,
  Dimensions: z._default(z.array(z.strictObject({ Name: name, Value: z.string().check(z.minLength(1)) })), []),
};
interface Evaluated {
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
}
const enoughPeriods = z.refine<Evaluated>((one) => one.DatapointsToAlarm <= one.EvaluationPeriods, {
  error: 'more data points than periods',
});
const isWithinDay = ({ EvaluationPeriods }: Evaluated, seconds: number): boolean => EvaluationPeriods * seconds <= DAY;
const OVER_A_DAY = { error: 'evaluated over more than a day' };

/** docs: AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm, limits of PutMetricAlarm. */
export const alarm = z
  .strictObject({
    ...watch,
    ...series,
    Statistic: z.enum(['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum']),
    Period: period,
  })
  .check(
    enoughPeriods,
    z.refine((one) => isWithinDay(one, one.Period), OVER_A_DAY),
  );

const id = z.string().check(z.regex(/^[a-z][A-Za-z0-9_]*$/));
const summand = z.strictObject({
  Id: id,
  ReturnData: z.literal(false),
  MetricStat: z.strictObject({ Metric: z.strictObject(series), Period: period, Stat: z.literal('Sum') }),
});

/**
 * The one form of metric math that is evaluated here: the sum of metrics, 0 where one has no data.
 * docs: AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm (Metrics), monitoring/using-metric-math (FILL, SUM).
 */
export const sumAlarm = z
  .strictObject({
    ...watch,
    Metrics: z.tuple([z.strictObject({ Id: id, Expression: z.string() }), summand], summand),
  })
  .check(
    enoughPeriods,
    z.refine((one) => isWithinDay(one, one.Metrics[1].MetricStat.Period), OVER_A_DAY),
    z.refine(({ Metrics }) => Metrics.length <= 11, { error: 'more than ten metrics' }),
    z.refine(
      ({ Metrics: [, first, ...rest] }) => rest.every((one) => one.MetricStat.Period === first.MetricStat.Period),
      {
        error: 'metrics of several periods',
      },
    ),
    z.refine(({ Metrics: [{ Expression }, ...all] }) => Expression === sumOf(all), {
      error: 'not the sum of its metrics, each with FILL(…, 0): the simulated account evaluates no other',
    }),
  );
const sumOf = (all: readonly { readonly Id: string }[]): string =>
  `SUM([${all.map((one) => `FILL(${one.Id}, 0)`).join(', ')}])`;

export type AlarmSettings = z.output<typeof alarm> | z.output<typeof sumAlarm>;
export type Statistic = z.output<typeof alarm>['Statistic'];

/** The metrics that an alarm looks at, and how. */
export function watched(settings: AlarmSettings) {
  if (!('Metrics' in settings)) {
    return { metrics: [settings], statistic: settings.Statistic, period: settings.Period };
  }
  const [, ...all] = settings.Metrics;
  const metrics = all.map(({ MetricStat }) => MetricStat.Metric);
  return { metrics, statistic: 'Sum', period: all[0].MetricStat.Period, missing: 0 } as const;
}

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
