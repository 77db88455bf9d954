import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deployTemplate } from '../../../sandbox/account/deploy.ts';
import { inProcess } from '../../../sandbox/account/lambda.ts';
import { readSource } from '../../../sandbox/account/template-yaml.ts';
import { HOST_PARAMETERS } from '../../infra/host/parameters.ts';
import { OPERATOR, smokeWorld, type SmokeWorld, STACK } from './smoke-world.ts';

const MINUTE = 60_000;
const HOST = `${STACK}--host`;
const SILENT = `${STACK}-HostSilent`;
const template = readSource(await readFile('infra/host/template.yml', 'utf8'));

let world: SmokeWorld;
beforeEach(async () => {
  world = await smokeWorld();
});
afterEach(() => world.close());

/** Stage dev's host, a moment after its deploy. */
function deployHost(topic = HOST_PARAMETERS.AlertTopic) {
  const { account, bucket, idOf } = world;
  const parameters = {
    ...HOST_PARAMETERS,
    Bucket: bucket,
    SidecarPolicyArn: idOf('SidecarPolicy'),
    RunbookUrl: 'https://git.example.com/docs/runbooks',
    AlertTopic: topic,
  };
  const site = { endpoint: 'https://aws', runner: () => inProcess(async () => ({})) };
  deployTemplate(template, { account, ...site, stack: HOST, parameters });
  const heartbeat = { namespace: 'PrometheusOnEmrHost', metric: 'Heartbeat', dimensions: { Host: HOST }, value: 1 };
  let isAlive = true;
  account.alarms.onMinute(() => (isAlive ? [heartbeat] : []));
  const stack = account.stacks.find(HOST);
  if (stack === undefined) throw new Error('no host');
  return { stack, stop: () => void (isAlive = false) };
}

test('without a host there is nothing to look at, and a word on how to get one', async () => {
  expect(await world.check('host')).toMatchObject({
    state: 'skipped',
    seen: `there is no stack ${HOST}: npm run deploy:host is for who has no Prometheus yet (docs/host.md)`,
  });
});

test('a host is not green before its alarm has judged, green while it sends heartbeats, red ten minutes after the last', async () => {
  const { check, clock } = world;
  const { stack, stop } = deployHost();
  const group = stack.resources.get('Host')?.physicalId;
  const seen = `${HOST} is CREATE_COMPLETE, its group ${group}; ${SILENT} is`;
  expect(group).toMatch(/./);
  expect(await check('host')).toMatchObject({
    state: 'skipped',
    seen: `${seen} INSUFFICIENT_DATA: it has judged nothing yet; again in a minute`,
  });
  await clock.advance(MINUTE);
  expect(await check('host')).toMatchObject({ state: 'ok', seen: `${seen} OK` });
  stop();
  await clock.advance(13 * MINUTE);
  expect(await check('host')).toMatchObject({
    state: 'red',
    problems: [{ what: expect.stringContaining(`${SILENT}: `), fix: 'docs/runbooks/HostSilent.md' }],
  });
});

test.each(['UPDATE_ROLLBACK_COMPLETE', 'ROLLBACK_COMPLETE', 'CREATE_IN_PROGRESS', 'UPDATE_FAILED'])(
  'a host whose stack is %s is red',
  async (status) => {
    deployHost().stack.status = status;
    expect(await world.check('host')).toMatchObject({
      state: 'red',
      problems: [
        {
          what: `${HOST} is ${status}`,
          fix: expect.stringMatching(
            new RegExp(
              `describe-stack-events --stack-name ${HOST} .*; then npm run deploy:host -- --stage dev --region us-east-1$`,
            ),
          ),
        },
      ],
    });
  },
);

test.each([undefined, ''])(
  'an alarm that somebody deleted is red, with the command that makes the same one again',
  async (topic) => {
    const { resources } = deployHost(topic).stack;
    const silent = resources.get('HostSilent');
    silent?.undo();
    const result = await world.check('host');
    const [{ what, fix } = { what: '', fix: '' }] = result.state === 'red' ? result.problems : [];
    expect(what).toBe(`the alarm ${SILENT} is not there`);
    expect(optionsOf(fix)).toEqual(silent?.properties);
  },
);

test('a host of a template without the alarm is red', async () => {
  deployHost().stack.resources.delete('HostSilent');
  expect(await world.check('host')).toMatchObject({
    state: 'red',
    problems: [
      { what: `${HOST} has no alarm HostSilent`, fix: expect.stringMatching(/npm run deploy:host -- --stage dev/) },
    ],
  });
});

test('without cloudwatch:DescribeAlarms it says that this right is missing', async () => {
  deployHost();
  const Action = 'cloudwatch:DescribeAlarms';
  const deny = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action, Resource: '*' }] };
  world.account.permissions.putInlinePolicy(OPERATOR, 'deny', deny);
  expect(await world.check('host')).toMatchObject({
    state: 'red',
    problems: [
      { what: expect.stringContaining('these credentials may not do it'), fix: expect.stringContaining(Action) },
    ],
  });
});

const OPTION = / --([a-z-]+) (?:'([^']*)'|(\S+))/g;

/** What `aws cloudwatch put-metric-alarm` would send, in CloudFormation's words, which are the same. */
function optionsOf(command: string): object {
  const [, said = ''] = /aws cloudwatch put-metric-alarm --region us-east-1 (.*)$/.exec(command) ?? [];
  expect(` ${said}`.replaceAll(OPTION, '')).toBe('');
  const pairs = [...` ${said}`.matchAll(OPTION)].map(([, name = '', quoted, bare]) => {
    const key = name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return [key === 'OkActions' ? 'OKActions' : key, valueOf(key, quoted ?? bare ?? '')] as const;
  });
  return Object.fromEntries(pairs);
}

function valueOf(key: string, text: string): unknown {
  if (key === 'Dimensions') return [Object.fromEntries(text.split(',').map((pair) => pair.split('=')))];
  if (key.endsWith('Actions')) return [text];
  return /^\d+$/.test(text) ? Number(text) : text;
}
