import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { identity, scenes } from './scenes.ts';
import { ofType, resource, template } from './template.ts';

interface Series {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
}
interface Properties extends Partial<Series> {
  readonly Metrics?: readonly { readonly MetricStat?: { readonly Metric: Series } }[];
  readonly AlarmName: string;
  readonly AlarmDescription: { readonly 'Fn::Sub': string };
  readonly AlarmActions: unknown;
  readonly OKActions: unknown;
  readonly TreatMissingData: string;
}

const alarms = ofType('AWS::CloudWatch::Alarm').map(([id, resourceOf]) => ({
  ...(resourceOf.Properties as Partial<Properties> as Properties),
  id,
}));
const nameOf = ({ AlarmName }: Properties): string => AlarmName.replace('prometheus-on-emr-dev-', '');
/** What an alarm looks at: one metric, or those of its expression. */
const seriesOf = ({ Metrics, Namespace = '', MetricName = '', Dimensions = [] }: Properties): readonly Series[] =>
  Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []) ?? [{ Namespace, MetricName, Dimensions }];
const isOfAws = (alarm: Properties): boolean => seriesOf(alarm).every(({ Namespace }) => Namespace.startsWith('AWS/'));
const ours = alarms.filter(({ Namespace }) => Namespace === 'PrometheusOnEmr');
/** Those of alerts begin with Emr: test/infra/prometheus/runbooks.test.ts. */
const runbooks = (await readdir('docs/runbooks')).filter((file) => file !== 'README.md' && !file.startsWith('Emr'));
const texts = new Map(
  await Promise.all(runbooks.map(async (file) => [file, await readFile(`docs/runbooks/${file}`, 'utf8')] as const)),
);

test('there is an alarm for all that must not fail in silence', () => {
  const perFunction = ['OnEvent', 'Sweep', 'Backfill'].flatMap((name) => [`${name}Errors`, `${name}Throttles`]);
  const others =
    `DoorbellDeadLetters RuleDeadLetters DoorbellsWaiting EventsLost SweepMissing ClustersFailing NodesUnreachable
    ArtifactsMissing OrdersPutOff OrdersGivenUp RolloutStopped DeletionsRefused RecordsUnreadable`.split(/\s+/);
  expect(alarms.map(nameOf).toSorted()).toEqual([...perFunction, ...others].toSorted());
});

describe('an alarm', () => {
  test.each(alarms)(
    '$id has its name, says its runbook, and tells the topic, if there is one, of both ends',
    (alarm) => {
      expect(alarm.AlarmName).toBe(`prometheus-on-emr-dev-${alarm.id.replace(/Alarm$/, '')}`);
      expect(alarm.AlarmDescription['Fn::Sub']).toMatch(
        new RegExp(String.raw`^.{20,}\. \$\{RunbookUrl\}/${nameOf(alarm)}\.md$`),
      );
      const told = { 'Fn::If': ['HasAlarmTopic', [{ Ref: 'AlarmTopic' }], { Ref: 'AWS::NoValue' }] };
      expect([alarm.AlarmActions, alarm.OKActions]).toEqual([told, told]);
    },
  );

  test('is without action where no topic is given', () => {
    expect(template.Parameters['AlarmTopic']).toMatchObject({ Default: '' });
    expect(template).toMatchObject({
      Conditions: { HasAlarmTopic: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'AlarmTopic' }, ''] }] } },
    });
    const pattern = new RegExp(template.Parameters['AlarmTopic']?.['AllowedPattern'] ?? '');
    expect(['', 'arn:aws-cn:sns:cn-north-1:123456789012:on-call'].filter((arn) => !pattern.test(arn))).toEqual([]);
    const wrong = [
      'on-call',
      'arn:aws:sqs:us-east-1:123456789012:q',
      'arn:aws:sns:us-east-1:123456789012:on-call.fifo',
    ];
    expect(wrong.filter((arn) => pattern.test(arn))).toEqual([]);
  });

  test('treats missing data as what it means: nothing failed, the heartbeat stopped, or what was said last holds', () => {
    const byTreatment = Map.groupBy(alarms, ({ TreatMissingData }) => TreatMissingData);
    expect(byTreatment.get('breaching')?.map(nameOf)).toEqual(['SweepMissing']);
    expect(byTreatment.get('notBreaching')?.filter((alarm) => !isOfAws(alarm))).toEqual([]);
    expect(byTreatment.get('ignore')?.filter(isOfAws)).toEqual([]);
    expect([...byTreatment.keys()].toSorted()).toEqual(['breaching', 'ignore', 'notBreaching']);
  });
});

describe('the metric of an alarm', () => {
  const written = new Map((scenes.get('calm') ?? []).map((point) => [identity(point, point.dimensions), point.value]));
  const wanted = (alarm: Properties): string =>
    seriesOf(alarm)
      .map(({ Namespace, MetricName, Dimensions }) =>
        identity(
          { namespace: Namespace, metric: MetricName },
          Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, String(Value)])),
        ),
      )
      .join();

  test.each(ours)(
    '$id is one that the sweep writes each minute, with these dimensions exactly, 0 while all is well',
    (alarm) => {
      expect(written.get(wanted(alarm)) ?? `${wanted(alarm)} is not written`).toBe(0);
    },
  );

  test.each(ours.filter(({ id }) => id !== 'SweepMissingAlarm'))('$id rises in its scene', (alarm) => {
    const values = scenes.get(nameOf(alarm))?.filter((point) => identity(point, point.dimensions) === wanted(alarm));
    expect(values?.at(-1)?.value).toBeGreaterThanOrEqual(1);
  });

  test('of AWS’s own is one that the service has (its list of metrics), of a function, queue or rule of the stack', () => {
    const known = new Map([
      ['AWS/Lambda Errors FunctionName', 'AWS::Lambda::Function'],
      ['AWS/Lambda Throttles FunctionName', 'AWS::Lambda::Function'],
      ['AWS/SQS ApproximateNumberOfMessagesVisible QueueName', 'AWS::SQS::Queue'],
      ['AWS/SQS ApproximateAgeOfOldestMessage QueueName', 'AWS::SQS::Queue'],
      ['AWS/Events InvocationsFailedToBeSentToDlq RuleName', 'AWS::Events::Rule'],
    ]);
    const found = alarms
      .flatMap(seriesOf)
      .flatMap(({ Namespace, MetricName, Dimensions }) =>
        Namespace.startsWith('AWS/')
          ? Dimensions.map(({ Name, Value }) => ({ of: `${Namespace} ${MetricName} ${Name}`, Value }))
          : [],
      );
    expect(found).toHaveLength(12);
    for (const { of, Value } of found) {
      const { Ref: id, 'Fn::GetAtt': attribute } = Value as { readonly Ref?: string; readonly 'Fn::GetAtt'?: string[] };
      expect([of, resource(id ?? attribute?.[0] ?? '').Type]).toEqual([of, known.get(of)]);
    }
  });
});

test('an event that is lost is seen whichever rule lost it', () => {
  const [lost] = alarms.filter((alarm) => nameOf(alarm) === 'EventsLost').map(seriesOf);
  const watched = lost?.map(({ Dimensions: [one] }) => one?.Value);
  const rules = ofType('AWS::Events::Rule').filter(([, { Properties }]) => 'EventPattern' in Properties);
  expect(watched).toEqual(rules.map(([id]) => ({ Ref: id })));
});

describe('a runbook', () => {
  test('is there for every alarm, and for nothing else', async () => {
    // HostSilent is the one of infra/host/template.yml.
    const names = [...alarms.map(nameOf), 'HostSilent'];
    expect(runbooks.toSorted()).toEqual(names.map((name) => `${name}.md`).toSorted());
    const list = await readFile('docs/runbooks/README.md', 'utf8');
    expect(runbooks.filter((file) => !list.includes(`(${file})`))).toEqual([]);
  });

  test.each([...texts])('%s has meaning, impact, diagnosis with commands, and mitigation', (file, text) => {
    const parts = text.split(/^(#{1,2} .*)\n/m).slice(1);
    const titles = parts.filter((_, index) => index % 2 === 0);
    expect(titles).toEqual([
      `# ${file.replace('.md', '')}`,
      '## Meaning',
      '## Impact',
      '## Diagnosis',
      '## Mitigation',
    ]);
    expect(parts.filter((part, index) => index % 2 === 1 && index > 1 && part.trim().length < 40)).toEqual([]);
    expect(parts[7]).toMatch(/```sh\nexport STAGE=prod AWS_REGION=.*\n(?:(?:aws |npm run |BUCKET=).*\n)+```/);
  });

  test('names only commands, queues, functions, messages and other runbooks that exist', async () => {
    const all = [...texts.values()].join('\n');
    const each = (pattern: RegExp): readonly string[] => [
      ...new Set([...all.matchAll(pattern)].map(([, found = '']) => found)),
    ];
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { readonly scripts: object };
    expect(each(/npm run ([\w:-]+)/g).filter((name) => !(name in scripts))).toEqual([]);
    const deployed = new Set(
      [...ofType('AWS::Lambda::Function'), ...ofType('AWS::SQS::Queue')].map(
        ([, { Properties }]) => Properties['FunctionName'] ?? Properties['QueueName'],
      ),
    );
    const named = each(/prometheus-on-emr-\$STAGE-([a-z][a-z-]*[a-z])/g);
    expect(named.filter((name) => !deployed.has(`prometheus-on-emr-dev-${name}`))).toEqual([]);
    expect(each(/\]\(([^)]+)\)/g).filter((file) => !texts.has(file) && !file.startsWith('README.md#'))).toEqual([]);
    const sources = await Promise.all(
      ['reconcile', 'refused', 'doorbells', 'sweep', 'runtime/lambda'].map((file) =>
        readFile(`shared/${file}.ts`, 'utf8'),
      ),
    );
    const messages = each(/\$\.message = "([^"]+)"/g);
    expect(messages.length).toBeGreaterThan(2);
    expect(messages.filter((message) => !sources.join('').includes(`'${message}'`))).toEqual([]);
  });
});
