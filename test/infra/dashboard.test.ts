import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createAccount } from '../../sandbox/account/account.ts';
import { virtualClock } from '../../sandbox/account/clock.ts';
import { dashboardBody } from '../../sandbox/account/cloudwatch-resources.ts';
import { QUICK } from '../../sandbox/account/compute.ts';
import { deployTemplate } from '../../sandbox/account/deploy.ts';
import { inProcess } from '../../sandbox/account/lambda.ts';
import { scenes } from './scenes.ts';
import { ofType, template } from './template.ts';

const STACK = 'prometheus-on-emr-dev';

/** What CloudFormation would give to CloudWatch. */
function deployed() {
  const account = createAccount({ clock: virtualClock(new Date()), timings: QUICK });
  onTestFinished(() => account.stop());
  const runner = () => inProcess(async () => null);
  deployTemplate(template, { account, endpoint: 'http://127.0.0.1:4566', runner, stack: STACK });
  const resources = account.stacks.find(STACK)?.resources ?? new Map<string, never>();
  const properties = (resources.get('Dashboard')?.properties ?? {}) as Readonly<Record<string, string>>;
  const names = (type: string): readonly string[] =>
    [...resources.values()].flatMap((one) => (one.type === type ? [one.name] : []));
  const body = dashboardBody.parse(JSON.parse(properties['DashboardBody'] ?? ''));
  return { name: properties['DashboardName'], body, names };
}
type Body = ReturnType<typeof deployed>['body'];
type Graph = Extract<Body['widgets'][number], { type: 'metric' }>;

/** Every line of every graph: an expression, or namespace, metric and dimensions. */
const rows = ({ widgets }: Body) =>
  widgets
    .filter((widget): widget is Graph => widget.type === 'metric')
    .flatMap(({ properties }) => properties.metrics as readonly (readonly unknown[])[])
    .map((row) => ({
      expression: (row[0] as { readonly expression?: string }).expression,
      words: row.filter((word) => typeof word === 'string'),
    }));
const OURS = /^SEARCH\('\{PrometheusOnEmr,([\w,]+)\} MetricName="(\w+)" service="prometheus-on-emr-dev"/;
const shape = (metric: string, dimensions: readonly string[]): string =>
  `${metric} of ${dimensions.toSorted().join(', ')}`;

test('the dashboard is one of its stage and Region: their names are global in an account', () => {
  expect(deployed().name).toBe('prometheus-on-emr-dev-us-east-1');
});

test('its widgets lie beside each other, within 24 columns', () => {
  const { widgets } = deployed().body;
  const cells = widgets.flatMap(({ x, y, width, height }) =>
    Array.from({ length: width * height }, (_, index) => `${x + (index % width)},${y + Math.floor(index / width)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(widgets.filter(({ x, width }) => x + width > 24)).toEqual([]);
});

test('it shows every alarm, and links to every runbook', () => {
  const { widgets } = deployed().body;
  const alarms = ofType('AWS::CloudWatch::Alarm').map(([, { Properties }]) => String(Properties['AlarmName']));
  const shown = widgets.flatMap((widget) => (widget.type === 'alarm' ? widget.properties.alarms : []));
  expect(shown.toSorted()).toEqual(
    alarms.map((name) => `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${name}`).toSorted(),
  );
  const text = widgets.flatMap((widget) => (widget.type === 'text' ? [widget.properties.markdown] : [])).join('');
  const linked = [...text.matchAll(/\[(\w+)\]\(docs\/runbooks\/\1\.md\)/g)].map(([, name = '']) => name);
  expect(linked.map((name) => `prometheus-on-emr-dev-${name}`).toSorted()).toEqual(alarms.toSorted());
});

test('each of our own metrics in it is one that the functions write, with these dimensions', () => {
  const { body } = deployed();
  const written = [...scenes.values()].flat();
  const shapes = new Set(written.map(({ metric, dimensions }) => shape(metric, Object.keys(dimensions))));
  const shown = rows(body).flatMap(({ expression, words: [namespace, metric = '', ...rest] }) => {
    if (expression !== undefined) {
      const [, names = '', name = ''] = OURS.exec(expression) ?? [];
      return [shape(name, names.split(','))];
    }
    if (namespace !== 'PrometheusOnEmr') return [];
    expect(rest).toEqual(['service', 'prometheus-on-emr-dev']);
    return [shape(metric, ['service'])];
  });
  expect(shown.length).toBeGreaterThan(15);
  expect(shown.filter((one) => !shapes.has(one))).toEqual([]);
  // What is written and shown nowhere would be paid for nothing.
  expect([...shapes].filter((one) => !shown.includes(one))).toEqual([]);
});

test('the README names every metric that the functions write', async () => {
  const readme = await readFile('README.md', 'utf8');
  const metrics = new Set([...scenes.values()].flat().map(({ metric }) => metric));
  expect([...metrics].filter((metric) => !new RegExp(`\`${metric}[\`{]`).test(readme))).toEqual([]);
});

/** The services' own lists of metrics: Lambda "Types of metrics", SQS and EventBridge "Available CloudWatch metrics". */
const OF_AWS: Readonly<Record<string, readonly string[]>> = {
  'AWS/Lambda FunctionName AWS::Lambda::Function': ['Invocations', 'Errors', 'Throttles', 'Duration'],
  'AWS/SQS QueueName AWS::SQS::Queue': [
    'NumberOfMessagesSent',
    'ApproximateNumberOfMessagesVisible',
    'ApproximateAgeOfOldestMessage',
  ],
  'AWS/Events RuleName AWS::Events::Rule': ['FailedInvocations', 'InvocationsFailedToBeSentToDlq'],
};

test('each of AWS’s metrics in it is one that the service has, of a function, queue or rule of the stack', () => {
  const { body, names } = deployed();
  const known = new Set(
    Object.entries(OF_AWS).flatMap(([key, metrics]) => {
      const [namespace = '', dimension = '', type = ''] = key.split(' ');
      return names(type).flatMap((name) => metrics.map((metric) => [namespace, metric, dimension, name].join(' ')));
    }),
  );
  const shown = rows(body).flatMap(({ words }) => (words[0]?.startsWith('AWS/') === true ? [words.join(' ')] : []));
  expect(shown.length).toBeGreaterThan(20);
  expect(shown.filter((one) => !known.has(one))).toEqual([]);
});
