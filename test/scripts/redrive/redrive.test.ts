import { expect, test } from 'vitest';
import { readRedriveOptions } from '../../../scripts/redrive/redrive-options.ts';
import { sample } from '../../fakes/world.ts';
import { runScript } from '../cli-world.ts';
import { DOORBELLS, FAILED, redriveWorld, UNDELIVERED } from './redrive-world.ts';

const ofCluster = (clusterId: string): string => JSON.stringify(sample('emr-cluster-running', { clusterId }));
const ofCommand = (node: string): string =>
  JSON.stringify(sample('ssm-command-invocation-success', { 'instance-id': node }));
const bell = (clusterId: string): string => JSON.stringify({ clusterId });

/** A cluster of the account, and one of its nodes. */
async function launched({ account }: Awaited<ReturnType<typeof redriveWorld>>) {
  const groups = [{ role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 }] as const;
  const id = account.compute.emr.launch({ name: 'etl', tags: {}, groups });
  await expect.poll(() => account.compute.emr.instances(id)[0]?.ec2?.id).toBeDefined();
  return { id, node: account.compute.emr.instances(id)[0]?.ec2?.id ?? '' };
}

test('npm run redrive rings once for every cluster that a dead letter names, and empties both queues', async () => {
  const it = await redriveWorld();
  const { id, node } = await launched(it);
  it.account.sqs.send(UNDELIVERED, ofCluster('j-1'), 0, { ERROR_CODE: 'NO_PERMISSIONS' });
  it.account.sqs.send(UNDELIVERED, ofCommand(node));
  it.account.sqs.send(FAILED, bell('j-1'));
  for (let copies = 0; copies < 12; copies += 1) it.account.sqs.send(FAILED, ofCluster('j-2'));
  const { code, stdout, stderr } = await runScript('redrive', []);
  expect(stderr).toBe('');
  const rows = stdout.split('\n').map((line) => line.replace(/\d+ s ago/, 'now').replaceAll(/ {2,}/g, ' | '));
  const last = ['', '15 messages put back as 3 doorbells.', ''];
  const found = [
    'j-1 | 2 | rules: 1, doorbells: 1 | now | NO_PERMISSIONS: 1',
    'j-2 | 12 | doorbells: 12 | now',
    `${id} | 1 | rules: 1 | now`,
  ];
  expect(rows).toEqual(['CLUSTER | MESSAGES | FROM | OLDEST | ERROR', ...found, ...last]);
  expect(it.bodies(DOORBELLS)).toEqual(expect.arrayContaining(['j-1', 'j-2', id].map((clusterId) => ({ clusterId }))));
  expect([it.bodies(DOORBELLS).length, it.bodies(UNDELIVERED), it.bodies(FAILED), code]).toEqual([3, [], [], 0]);
});

test('--dry-run says what is there, and leaves it, open to whoever looks next', async () => {
  const it = await redriveWorld();
  it.account.sqs.send(UNDELIVERED, ofCluster('j-1'));
  it.account.sqs.send(FAILED, 'broken');
  const { code, printed } = await it.run('--dry-run');
  expect(printed).toContain('1 message would be put back as 1 doorbell.');
  expect(printed).toMatch(/^doorbells +[0-9a-f-]{36} +\d+ s ago +malformed: not JSON$/m);
  expect([it.bodies(DOORBELLS), it.shown(UNDELIVERED), it.shown(FAILED), code]).toEqual([[], 1, 1, 0]);
});

test('what names no cluster is kept and shown with its reason, until --discard', async () => {
  const it = await redriveWorld();
  const gone = 'i-0fffffffffffffff0';
  for (const body of [ofCommand(gone), '{"source":"aws.s3"}', 'broken']) it.account.sqs.send(UNDELIVERED, body);
  const kept = await it.run();
  expect(kept.printed).toContain(`EC2 knows ${gone} not, or no more, or not as a node of EMR's`);
  expect(kept.printed).toContain('ignored: source "aws.s3"');
  expect(kept.printed).toContain('3 messages kept: --discard deletes what names no cluster.');
  expect([it.shown(UNDELIVERED), kept.code]).toEqual([3, 1]);
  expect((await it.run('--discard', '--dry-run')).printed).toContain('3 messages would be deleted.');
  expect(it.shown(UNDELIVERED)).toBe(3);
  const dropped = await it.run('--discard');
  expect(dropped.printed).toContain('3 messages deleted.');
  expect([it.account.sqs.bodies(UNDELIVERED), it.bodies(DOORBELLS), dropped.code]).toEqual([[], [], 0]);
});

test('a message is deleted only after its doorbell was accepted', async () => {
  const it = await redriveWorld();
  it.account.sqs.send(UNDELIVERED, ofCluster('j-1'));
  it.account.faults.arm(
    { kind: 'error', status: 403, code: 'AccessDeniedException' },
    { operation: 'SendMessageBatch' },
  );
  const failed = await it.run();
  expect(failed.printed).toMatch(/^Not everything was dealt with, and what was not is still there: .*sqs:SendMessage/);
  expect([it.bodies(DOORBELLS), it.shown(UNDELIVERED), failed.code]).toEqual([[], 1, 1]);
  expect((await it.run()).printed).toContain('1 message put back as 1 doorbell.');
  expect([it.bodies(DOORBELLS), it.shown(UNDELIVERED)]).toEqual([[{ clusterId: 'j-1' }], 0]);
});

test('a message that could not be deleted is shown again, and rings once more the next time', async () => {
  const it = await redriveWorld();
  it.account.sqs.send(FAILED, bell('j-1'));
  it.account.faults.arm({ kind: 'error', status: 400, code: 'InvalidAddress' }, { operation: 'DeleteMessageBatch' });
  expect((await it.run()).code).toBe(1);
  expect([it.bodies(DOORBELLS).length, it.shown(FAILED)]).toEqual([1, 1]);
  expect((await it.run()).code).toBe(0);
  expect([it.bodies(DOORBELLS).length, it.shown(FAILED)]).toEqual([2, 0]);
});

test('nothing there is said', async () => {
  const { run } = await redriveWorld();
  expect(await run()).toEqual({ code: 0, printed: 'Both dead-letter queues are empty.' });
});

test('a stage that is not deployed, a wrong option and one that npm kept for itself are refused, with the way out', async () => {
  const { run } = await redriveWorld();
  await expect(run('--stage', 'prod')).rejects.toThrow(/nothing is deployed as stage prod in us-east-1: deploy first/);
  expect(() => readRedriveOptions(['--drop'], {})).toThrow(/Unknown option '--drop'.*\n\nnpm run redrive -- /s);
  expect(() => readRedriveOptions([], { npm_config_dry_run: 'true' })).toThrow(/npm run redrive -- --dry-run/);
});
