import { CloudWatchClient, DescribeAlarmsCommand, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { expect, onTestFinished, test } from 'vitest';
import { createAccount } from '../../sandbox/account/account.ts';
import { virtualClock } from '../../sandbox/account/clock.ts';
import { QUICK } from '../../sandbox/account/compute.ts';
import { deployTemplate } from '../../sandbox/account/deploy.ts';
import { inProcess } from '../../sandbox/account/lambda.ts';
import type { Message, Sqs } from '../../sandbox/account/sqs.ts';
import { redrive, type DeadLetter, type DeadLetters } from '../../scripts/redrive/redrive-run.ts';
import { sample } from '../fakes/world.ts';
import { clientConfig, testFace } from '../sandbox/account/account-clients.ts';
import { scenes } from './scenes.ts';
import { template } from './template.ts';

const MINUTE = 60_000;
const PREFIX = 'prometheus-on-emr-dev-';
const arn = (queue: string): string => `arn:aws:sqs:us-east-1:123456789012:${PREFIX}${queue}`;

/** The packaged stack an hour old, its sweeps writing what those of a scene write, all quiet. */
async function quiet() {
  const clock = virtualClock(new Date());
  const account = createAccount({ clock, timings: QUICK });
  onTestFinished(() => account.stop());
  const state = { scene: 'calm', isFailing: false };
  const functions: Readonly<Record<string, () => void>> = {
    sweep: () => {
      for (const point of scenes.get(state.scene) ?? []) account.alarms.record(point);
    },
    'on-event': () => {
      if (state.isFailing) throw new Error('BUCKET is missing');
    },
  };
  const runner = (name: string) => inProcess(async () => functions[name.replace(PREFIX, '')]?.());
  deployTemplate(template, { account, endpoint: 'http://127.0.0.1:4566', runner, stack: 'prometheus-on-emr-dev' });
  await clock.advance(60 * MINUTE);
  const alarms = (state_ = 'ALARM'): readonly string[] =>
    account.alarms
      .all()
      .flatMap(({ settings, state: now }) => (now === state_ ? [settings.AlarmName.replace(PREFIX, '')] : []));
  expect(alarms()).toEqual([]);
  expect(alarms('OK')).toHaveLength(19);
  return { account, alarms, state, advance: (minutes: number) => clock.advance(minutes * MINUTE) };
}

test('the sweep stops: an alarm after 5 to 7 minutes, over within two of its return', async () => {
  const { account, alarms, advance } = await quiet();
  const schedule = account.events.rules().find((rule) => rule.schedule !== undefined)?.arn ?? '';
  account.events.setEnabled(schedule, false);
  await advance(4);
  expect(alarms()).toEqual([]);
  await advance(4);
  expect(alarms()).toEqual(['SweepMissing']);
  account.events.setEnabled(schedule, true);
  await advance(2);
  expect(alarms()).toEqual([]);
});

test.each([
  'NodesUnreachable',
  'ArtifactsMissing',
  'OrdersPutOff',
  'OrdersGivenUp',
  'DeletionsRefused',
  'RecordsUnreadable',
])(
  '%s: an alarm within two minutes, which lasts while the sweep is silent, and is over within two of the end',
  async (scene) => {
    const { account, alarms, advance, state } = await quiet();
    state.scene = scene;
    await advance(2);
    expect(alarms()).toEqual([scene]);
    const schedule = account.events.rules().find((rule) => rule.schedule !== undefined)?.arn ?? '';
    account.events.setEnabled(schedule, false);
    await advance(10);
    expect(alarms().toSorted()).toEqual([scene, 'SweepMissing'].toSorted());
    account.events.setEnabled(schedule, true);
    state.scene = 'calm';
    await advance(3);
    expect(alarms()).toEqual([]);
  },
);

test('a rollout that stops brings its node that gave up with it', async () => {
  const { alarms, advance, state } = await quiet();
  state.scene = 'RolloutStopped';
  await advance(2);
  expect(alarms()).toEqual(['OrdersGivenUp', 'RolloutStopped']);
});

test('clusters that fail are an alarm after a quarter of an hour, not before', async () => {
  const { alarms, advance, state } = await quiet();
  state.scene = 'ClustersFailing';
  await advance(10);
  expect(alarms()).toEqual([]);
  await advance(10);
  expect(alarms()).toEqual(['ClustersFailing']);
});

test('doorbells fail five times: alarms of the function and of the dead letters, until they are mended and put back', async () => {
  const { account, alarms, advance, state } = await quiet();
  state.isFailing = true;
  account.events.publish(sample('emr-cluster-running', { clusterId: 'j-1' }) as never);
  await advance(20);
  expect(alarms()).toEqual(['OnEventErrors']);
  await advance(20);
  expect(alarms()).toContain('DoorbellDeadLetters');
  state.isFailing = false;
  const { named } = await redrive({ dryRun: false, discard: false }, ports(account.sqs));
  expect(named).toHaveLength(1);
  await advance(20);
  expect(alarms()).toEqual([]);
});

test('events that cannot be put on the queue are an alarm, and so are doorbells that nobody takes', async () => {
  const { account, alarms, advance } = await quiet();
  const { sqs } = account;
  const settings = sqs.settings(arn('doorbells'));
  sqs.deleteQueue(settings.arn);
  account.events.publish(sample('emr-cluster-running', { clusterId: 'j-1' }) as never);
  await advance(2);
  expect(alarms()).toEqual(['RuleDeadLetters']);
  sqs.createQueue(settings); // no consumer is mapped to this one
  sqs.send(settings.arn, '{"clusterId":"j-1"}');
  await advance(35);
  expect(alarms()).toEqual(['RuleDeadLetters']);
  await advance(15);
  expect(alarms().toSorted()).toEqual(['DoorbellsWaiting', 'RuleDeadLetters']);
});

test.each(['emr-cluster-running', 'ec2-instance-state-terminated', 'ssm-command-invocation-success'])(
  'an event that no queue takes (%s) is an alarm for a quarter of an hour, for it is nowhere else to be seen',
  async (event) => {
    const { account, alarms, advance } = await quiet();
    const settings = ['doorbells', 'rule-dead-letters'].map((queue) => account.sqs.settings(arn(queue)));
    for (const queue of settings) account.sqs.deleteQueue(queue.arn);
    account.events.publish(sample(event, { 'document-name': `${PREFIX.slice(0, -1)}_node-install` }) as never);
    await advance(2);
    expect(alarms()).toEqual(['EventsLost']);
    for (const queue of settings) account.sqs.createQueue(queue);
    await advance(10);
    expect(alarms()).toEqual(['EventsLost']);
    await advance(6);
    expect(alarms()).toEqual([]);
  },
);

test('DescribeAlarms tells their states, by prefix and state, page by page', async () => {
  const { account, advance, state } = await quiet();
  state.scene = 'OrdersGivenUp';
  await advance(2);
  const { gate: _gate, ...handlers } = account.handlers;
  const face = await testFace(handlers);
  const client = new CloudWatchClient(clientConfig(face.url, account.credentials.issue()));
  const bad = await client.send(new DescribeAlarmsCommand({ AlarmNamePrefix: PREFIX, StateValue: 'ALARM' }));
  expect(bad.MetricAlarms).toMatchObject([
    {
      AlarmName: `${PREFIX}OrdersGivenUp`,
      StateValue: 'ALARM',
      MetricName: 'NodesGivenUp',
      TreatMissingData: 'ignore',
    },
  ]);
  const sizes: number[] = [];
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
    { client, pageSize: 10 },
    { AlarmNamePrefix: PREFIX },
  ))
    sizes.push(MetricAlarms.length);
  expect(sizes).toEqual([10, 9]);
});

/** `npm run redrive` without its wire. */
function ports(sqs: Sqs) {
  const toLetter = ({ id, body, sentAt, receiptHandle }: Message): DeadLetter => ({
    id,
    body,
    sentAt,
    receipt: receiptHandle,
  });
  const queue = (name: string): DeadLetters => ({
    receive: async () => sqs.receive(arn(name), 10).map(toLetter),
    delete: async (letters) => {
      for (const { receipt } of letters) sqs.remove(arn(name), receipt);
    },
    release: async () => undefined,
  });
  return {
    queues: { rules: queue('rule-dead-letters'), doorbells: queue('doorbell-dead-letters') },
    ring: async (ids: readonly string[]) => {
      for (const clusterId of ids) sqs.send(arn('doorbells'), JSON.stringify({ clusterId }));
    },
    clustersOf: async () => new Map(),
  };
}
