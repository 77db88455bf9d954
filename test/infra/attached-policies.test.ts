import { expect, test } from 'vitest';
import { CORE_POLICY } from '../../sandbox/account/node-role.ts';
import { unusedRights } from './granted.ts';
import { contentWorld } from '../sidecar/content-world.ts';
import { renderRecord } from '../../shared/core/record.ts';
import { aRecord } from '../core/sample-record.ts';
import { targetFile } from '../sidecar/sidecar-account.ts';
import { resource } from './template.ts';

test('each right of SidecarPolicy is used in the life of one cluster, and to look for content', async () => {
  const { put, remove, sync, readStatuses, look, permissions, role, files } = await contentWorld();
  put('targets/j-1.json', targetFile(1));
  put('clusters/j-1.json', renderRecord(aRecord({ clusterId: 'j-1' })));
  await sync();
  await readStatuses();
  await look();
  put('ended/j-1.json', '{}');
  remove('targets/j-1.json');
  await sync();
  expect(await files()).toEqual({});
  expect(unusedRights(permissions, role)).toEqual([]);
});

const actionsOf = (policy: unknown): readonly string[] =>
  (policy as { Statement: readonly { Action: string | readonly string[] }[] }).Statement.flatMap(
    ({ Action }) => Action,
  );

test('AmazonSSMManagedInstanceCore covers all of NodePolicy, which leaves out what runs no command', () => {
  const ours = actionsOf(resource('NodePolicy').Properties['PolicyDocument']);
  const core = actionsOf(CORE_POLICY);
  expect(ours.filter((action) => !core.includes(action))).toEqual([]);
  expect(core.filter((action) => !ours.includes(action) && /^(?:ec2|ssm)messages:/.test(action))).toEqual([
    'ssmmessages:CreateDataChannel',
    'ssmmessages:OpenDataChannel',
  ]);
});
