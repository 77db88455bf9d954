import { expect, test } from 'vitest';
import type { LaunchSpec } from '../../sandbox/account/emr-model.ts';
import { resultLine, scriptedNodes } from '../../sandbox/account/scripted-nodes.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import { unusedRights } from './granted.ts';
import { wiredStack } from './wired-stack.ts';

const MINUTE = 60_000;
const groups = [{ role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 }] as const;
const SHAPES: readonly LaunchSpec[] = [
  { name: 'groups', groups },
  { name: 'fleets', groups, collection: 'INSTANCE_FLEET' },
];

test('each right of each function is used in the lives of some clusters, and no other is missing', async () => {
  const { account, clock, denied, backfill, roles } = await wiredStack();
  const { emr } = account.compute;
  let exitCode = 0;
  const script = { script: (command: Parameters<typeof resultLine>[0]) => ({ exitCode, stdout: resultLine(command) }) };
  const nodes = scriptedNodes(account.compute, script);
  const minutes = (count: number) => clock.advance(count * MINUTE);
  const launch = () => SHAPES.map((shape) => emr.launch(shape));
  const terminate = (ids: readonly ClusterId[]) => ids.forEach((id) => emr.terminate(id));
  const sweeps = account.events.rules().find(({ schedule }) => schedule !== undefined);
  const switchSweep = (on: boolean) => account.events.setEnabled(sweeps?.arn ?? '', on);
  const silence = (source?: string) =>
    account.events.disturb({ kind: 'lose' }, (event) =>
      source === undefined ? event.source !== 'aws.events' : event.source === source,
    );

  // Events alone. Of one order neither answer nor result is heard: it is looked for among the recent commands.
  switchSweep(false);
  account.faults.arm({ kind: 'lost' }, { operation: 'SendCommand' });
  const results = silence('aws.ssm');
  const heard = launch();
  await minutes(4);
  await backfill({ dryRun: true });
  for (const id of heard) for (const { id: group } of emr.groups(id)) emr.reconfigure(group);
  await minutes(2);
  results();
  terminate(heard);
  await minutes(3);
  // More clusters at once than our share of EMR has room for: some doorbells are put off. And every install fails.
  exitCode = 1;
  const many = Array.from({ length: 3 }, () => launch()).flat();
  await minutes(3);
  await backfill({ force: true });
  terminate(many);
  await minutes(3);
  exitCode = 0;

  // No event is heard any more, and nobody sweeps: backfill alone.
  silence();
  const silent = launch();
  await minutes(1);
  await backfill({ clusterIds: silent });
  // The sweep alone, and again the answer to one order is lost.
  account.faults.arm({ kind: 'lost' }, { operation: 'SendCommand' });
  switchSweep(true);
  const unseen = launch();
  await minutes(6);
  terminate([...silent, ...unseen]);
  await minutes(4);
  nodes.stop();

  expect(denied).toEqual([]);
  // Why they are there: roles.yml.
  const kept = /^ListOurKeys s3:ListBucket \S+ \d+ (?:ended|artifacts)\/\*$/;
  const unused = roles.map(([name, role]) => {
    return [name, unusedRights(account.permissions, role).filter((right) => !kept.test(right))] as const;
  });
  expect(unused).toEqual(roles.map(([name]) => [name, []]));
});
