import { readFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../sandbox/account/rule-pattern.ts';
import { toSignal } from '../../shared/core/event.ts';
import { arn, ofType, resource } from './template.ts';

type Event = Readonly<Record<string, unknown>> & { readonly detail: Readonly<Record<string, unknown>> };

const rules = ofType('AWS::Events::Rule').filter(([, { Properties }]) => 'EventPattern' in Properties);
const compiled = rules.map(([id, { Properties }]) => [id, compilePattern(Properties['EventPattern'])] as const);
const matching = (event: unknown): readonly string[] =>
  compiled.flatMap(([id, matches]) => (matches(event) ? [id] : []));

const read = async (file: string): Promise<Event> => JSON.parse(await readFile(file, 'utf8')) as Event;
const ours = String(resource('DocumentNodeInstall').Properties['Name']);

/** Which rules let each sample through; `*` ends a beginning, and the first line that fits counts. */
const EXPECTED: readonly (readonly [string, readonly string[]])[] = [
  ['emr-step-*', []],
  ['emr-autoscaling-policy-*', []],
  ['emr-configuration-error.json', []],
  ['emr-*', ['EmrRule']],
  ['ec2-spot-interruption-warning-*', ['Ec2Rule']],
  ['ec2-instance-state-shutting-down.json', ['Ec2Rule']],
  ['ec2-instance-state-terminated.json', ['Ec2Rule']],
  ['ec2-*', []],
  ['ssm-command-invocation-inprogress.json', []],
  ['ssm-command-invocation-*', ['SsmRule']],
  ['ssm-*', []],
  ['s3-*', []],
  ['scheduled-event.json', []],
];

const fits = (file: string, name: string): boolean =>
  name.endsWith('*') ? file.startsWith(name.slice(0, -1)) : file === name;

test.each(globSync('events/{,inferred/}*.json').filter((file) => basename(file) !== 'manifest.json'))(
  '%s rings where it should, and only there',
  async (file) => {
    const event = await read(file);
    const ownEvent = { ...event, detail: { ...event.detail, 'document-name': ours } };
    const expected = EXPECTED.find(([name]) => fits(basename(file), name))?.[1];
    expect(matching(basename(file).startsWith('ssm-') ? ownEvent : event)).toEqual(expected);
  },
);

describe('results of orders', () => {
  const result = async (name: string, status = 'Success'): Promise<Event> => {
    const event = await read('events/ssm-command-invocation-success.json');
    return { ...event, detail: { ...event.detail, 'document-name': name, status } };
  };

  test('of documents that are not ours ring nothing', async () => {
    expect(matching(await result('PromOnEmr-InstallExporters'))).toEqual([]);
    expect(matching(await result('AWS-RunShellScript'))).toEqual([]);
  });

  test('of a stage whose name begins with ours ring nothing', async () => {
    expect(matching(await result(ours.replace('-dev_', '-dev-eu_')))).toEqual([]);
  });

  test.each(['Pending', 'InProgress', 'Delayed', 'Cancelling'])('ring nothing while they are %s', async (status) => {
    const event = await result(ours, status);
    expect(matching(event)).toEqual([]);
    expect(toSignal(event)).toMatchObject({ kind: 'ignored' });
  });

  test.each(['Success', 'Failed', 'TimedOut', 'Undeliverable', 'AccessDenied', 'Some New End'])(
    'ring when they ended %s, and the parser agrees',
    async (status) => {
      const event = await result(ours, status);
      expect(matching(event)).toEqual(['SsmRule']);
      expect(toSignal(event)).toMatchObject({ kind: 'reconcile' });
    },
  );

  test('of an uninstall ring as well', async () => {
    const uninstall = String(resource('DocumentNodeUninstall').Properties['Name']);
    expect(matching(await result(uninstall, 'Failed'))).toEqual(['SsmRule']);
  });
});

test('an EMR event of a type that nobody knows yet rings', async () => {
  const event = await read('events/emr-cluster-running.json');
  expect(matching({ ...event, 'detail-type': 'EMR Something New' })).toEqual(['EmrRule']);
});

/** docs: eventbridge/latest/ref/events-ref-emr, the complete list. */
const EMR_TYPES = [
  'EMR Auto Scaling Policy State Change',
  'EMR Step Status Change',
  'EMR Configuration Error',
  'EMR Cluster State Change',
  'EMR Application Health State Change',
  'EMR Managed Scaling Action',
  'EMR Unhealthy Node Replacement',
  'EMR Instance Fleet Update',
  ...['State Change', 'Status Notification', 'Resize', 'Cluster Start', 'Provisioning', 'Termination'].flatMap(
    (what) => [`EMR Instance Group ${what}`, `EMR Instance Fleet ${what}`],
  ),
];

test('of the 20 detail types of EMR all ring but the three that change no node, and the parser agrees', async () => {
  const event = await read('events/emr-cluster-running.json');
  const silent = EMR_TYPES.filter((type) => matching({ ...event, 'detail-type': type }).length === 0);
  expect(EMR_TYPES).toHaveLength(20);
  expect(silent).toEqual(['EMR Auto Scaling Policy State Change', 'EMR Step Status Change', 'EMR Configuration Error']);
  for (const type of EMR_TYPES) {
    const { kind } = toSignal({ ...event, 'detail-type': type });
    expect(kind).toBe(silent.includes(type) ? 'ignored' : 'reconcile');
  }
});

test('an instance of the account that is nobody’s rings when it ends: only EC2 knows whose it is', async () => {
  const event = await read('events/ec2-instance-state-terminated.json');
  const detail = { ...event.detail, 'instance-id': 'i-00000000000000001' };
  expect(matching({ ...event, detail })).toEqual(['Ec2Rule']);
});

test('each rule feeds the one queue, gives up after an hour, and then says so in its dead letters', () => {
  expect(rules.map(([id]) => id)).toEqual(['EmrRule', 'Ec2Rule', 'SsmRule']);
  for (const [, { Properties }] of rules) {
    expect(Properties['Targets']).toEqual([
      {
        Id: 'doorbells',
        Arn: arn('Doorbells'),
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 20 },
        DeadLetterConfig: { Arn: arn('RuleDeadLetters') },
      },
    ]);
  }
});
