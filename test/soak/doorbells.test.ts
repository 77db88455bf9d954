import { expect, test } from 'vitest';
import type { ClusterId } from '../../shared/core/model.ts';
import { parseTargets } from '../../shared/core/parse-targets.ts';
import { deployInProcess } from './account-in-process.ts';
import { say } from './say.ts';

const CLUSTERS = 200;
const NODES = 3;
const MINUTE = 60_000;
/** Our share of EMR's quotas has room for some four new clusters a minute; here no sweep waits for more. */
const MAX_MINUTES = 90;

const GROUPS = [
  { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 },
  { role: 'CORE', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: NODES - 1 },
] as const;

test(
  `${CLUSTERS} clusters ring at once and twice, for two consumers: every node gets one order and is a target`,
  { timeout: 300_000 },
  async () => {
    const { account, clock, bucket, errors, batches } = await deployInProcess();
    const { emr, commands } = account.compute;
    account.events.disturb({ kind: 'double' });
    const ids = Array.from({ length: CLUSTERS }, (_, n) => emr.launch({ name: `flood-${n}`, groups: GROUPS }));
    const nodesOf = (id: ClusterId) => emr.instances(id).flatMap(({ ec2 }) => ec2 ?? []);
    const targetsOf = (id: ClusterId) => {
      const { objects } = account.s3.list(bucket, { prefix: `targets/${id}.json` });
      return objects.flatMap(({ body }) => parseTargets(Buffer.from(body).toString()));
    };
    const areListed = (id: ClusterId): boolean => targetsOf(id).length === NODES;

    let minutes = 0;
    for (; minutes < MAX_MINUTES && !ids.every(areListed); minutes += 1) await clock.advance(MINUTE);
    // What is still on its way would order again now, if it did.
    await clock.advance(20 * MINUTE);

    const wanted = ids.map((id) =>
      nodesOf(id)
        .map(({ id: node, address }) => `${node} ${address}:9100`)
        .toSorted(),
    );
    const listed = ids.map((id) =>
      targetsOf(id)
        .map(({ targets, labels }) => `${labels['instance']} ${targets.join()}`)
        .toSorted(),
    );
    expect(listed).toEqual(wanted);
    const ordered = commands.commands().flatMap(({ nodes }) => nodes);
    expect(ordered.toSorted()).toEqual(ids.flatMap((id) => nodesOf(id).map(({ id: node }) => node)).toSorted());
    expect(errors).toEqual([]);
    say(
      `${CLUSTERS} clusters, ${ordered.length} nodes, each event twice: ${batches()} batches, each to two consumers;`,
    );
    say(`${ordered.length} orders; all listed within ${minutes} min of the account's time`);
    await account.stop();
  },
);
