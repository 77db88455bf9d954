import { expect, test } from 'vitest';
import { virtualClock } from '../../../sandbox/account/clock.ts';
import { createEvents, parseRate } from '../../../sandbox/account/events.ts';

const START = new Date('2026-11-22T10:00:00Z');
const ruleArn = 'arn:aws:events:us-east-1:123456789012:rule/sweep';

function world(refuse: (target: string) => boolean = () => false) {
  const clock = virtualClock(START);
  const delivered: [string, unknown][] = [];
  const events = createEvents(clock, (target, body) => {
    if (refuse(target)) throw new Error(`no ${target}`);
    delivered.push([target, JSON.parse(body)]);
  });
  return { clock, events, delivered };
}

const isEmr = ({ source }: { readonly source: string }) => source === 'aws.emr';

test('an event goes once to every target of every rule that matches', () => {
  const { events, delivered } = world();
  events.putRule({ arn: 'r1', pattern: { source: ['aws.emr'] }, targets: [{ arn: 'q1' }, { arn: 'q2' }] });
  events.putRule({ arn: 'r2', pattern: { source: [{ prefix: 'aws.' }] }, targets: [{ arn: 'q3' }] });
  events.putRule({ arn: 'r3', pattern: { source: ['aws.ec2'] }, targets: [{ arn: 'q4' }] });
  const event = { source: 'aws.emr', 'detail-type': 'x' };
  events.publish(event);
  expect(delivered).toEqual(['q1', 'q2', 'q3'].map((target) => [target, event]));
});

test('an event that its target refuses is in the rule’s dead-letter queue, or counted as dropped', () => {
  const { events, delivered } = world((target) => target === 'gone');
  const event = { source: 'aws.emr', 'detail-type': 'x' };
  events.putRule({
    arn: 'r1',
    pattern: { source: ['aws.emr'] },
    targets: [{ arn: 'gone', deadLetterArn: 'dead' }, { arn: 'gone' }],
  });
  events.publish(event);
  expect(delivered).toEqual([['dead', event]]);
  expect(events.dropped).toEqual([{ event, targetArn: 'gone', reason: 'Error: no gone' }]);
});

test('an event is lost, doubled or late while that is armed, and others are not', async () => {
  const { clock, events, delivered } = world();
  events.putRule({ arn: 'r', pattern: { source: [{ prefix: 'aws.' }] }, targets: [{ arn: 'q' }] });
  const publish = (source: string) => events.publish({ source, 'detail-type': 'x' });
  const arrived = () => delivered.splice(0).map(([, event]) => (event as { source: string }).source);
  const found = events.disturb({ kind: 'lose' }, isEmr);
  publish('aws.emr');
  publish('aws.ec2');
  expect(arrived()).toEqual(['aws.ec2']);
  found();
  const single = events.disturb({ kind: 'double' });
  publish('aws.emr');
  expect(arrived()).toEqual(['aws.emr', 'aws.emr']);
  single();
  events.disturb({ kind: 'delay', ms: 90_000 }, isEmr);
  publish('aws.emr');
  await clock.advance(89_999);
  expect(arrived()).toEqual([]);
  await clock.advance(1);
  expect(arrived()).toEqual(['aws.emr']);
});

test('rate(1 minute) fires each minute with a scheduled event', async () => {
  const { clock, events, delivered } = world();
  events.putRule({ arn: ruleArn, schedule: 'rate(1 minute)', targets: [{ arn: 'f' }] });
  await clock.advance(180_000);
  expect(delivered.map(([, event]) => event)).toMatchObject(
    ['10:01', '10:02', '10:03'].map((minute) => ({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      account: '123456789012',
      region: 'us-east-1',
      time: `2026-11-22T${minute}:00Z`,
      resources: [ruleArn],
      detail: {},
    })),
  );
});

test('an unknown operator is refused when the rule is made', () => {
  expect(() => world().events.putRule({ arn: 'r', pattern: { source: [{ matches: 'x' }] }, targets: [] })).toThrow(
    /Unrecognized match type matches/,
  );
});

test.each([
  ['rate(5 minutes)', 300_000],
  ['rate(1 hour)', 3_600_000],
])('%s is %d ms', (expression, ms) => {
  expect(parseRate(expression)).toBe(ms);
});

test.each(['rate(1 minutes)', 'rate(5 minute)', 'rate(0 minutes)', 'cron(0 * * * ? *)', 'rate(10 seconds)'])(
  '%s is refused',
  (expression) => {
    expect(() => parseRate(expression)).toThrow(/schedule/);
  },
);
