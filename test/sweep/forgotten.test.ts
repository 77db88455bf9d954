import { describe, expect, test } from 'vitest';
import { UnknownClusterError } from '../../shared/core/errors.ts';
import { MINUTE, world } from '../fakes/world.ts';

const HOUR = 60 * MINUTE;
const CORES = {
  groups: [
    { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 },
    { role: 'CORE', instanceType: 'm5.xlarge', market: 'SPOT', count: 2 },
  ],
} as const;

/** A cluster of three nodes, each with its exporter. */
async function settled() {
  const here = world();
  const id = await here.launch(CORES);
  await here.sweepFor(5 * MINUTE);
  return { ...here, id };
}

describe('a cluster that EMR has forgotten', () => {
  test('ends when EC2 says that every node was terminated', async () => {
    const { account, clock, id, keys, sweep } = await settled();
    account.emr.terminate(id);
    await clock.advance(MINUTE);
    account.emr.forget(id);
    await sweep();
    expect(keys()).toEqual([`ended/${id}.json`]);
  });

  test('ends when EC2 has forgotten its nodes too', async () => {
    const { account, clock, id, keys, sweep } = await settled();
    account.emr.terminate(id);
    await clock.advance(3 * HOUR);
    account.emr.forget(id);
    await sweep();
    expect(keys()).toEqual([`ended/${id}.json`]);
  });

  test('is kept with all its targets while one node lives', async () => {
    const { clock, deliver: ring, account, id, keys, nodes, sweeper, sweepFor, targets } = await settled();
    let asked = 0;
    const forget = async () => {
      asked += 1;
      throw new UnknownClusterError(`Cluster id '${id}' is not valid.`);
    };
    const amnesic = { ...sweeper, clusters: { ...sweeper.clusters, describe: forget } };
    const [, lost = 'i-'] = nodes(id);
    account.emr.replaceNode(lost, { replacement: false });
    await clock.advance(MINUTE);
    account.emr.tag(id, { Project: 'Ml' });
    await sweepFor(20 * MINUTE, amnesic);
    expect(asked).toBeGreaterThan(1);
    expect(keys()).toContain(`clusters/${id}.json`);
    expect((await targets(id))?.map(({ labels }) => labels['instance']).toSorted()).toEqual(nodes(id).toSorted());
    expect(await ring({ clusterId: id })).toEqual([]);
  });
});

describe('an instance that carries EMR’s tag and that EMR never lists', () => {
  test('is asked about ever more seldom, and is never a target', async () => {
    const { account, callsOf, id, nodes, record, sweepFor, targets } = await settled();
    const tags = { 'aws:elasticmapreduce:job-flow-id': id };
    const { id: liar } = account.ec2.launch({ instanceType: 'm5.xlarge', market: 'ON_DEMAND', tags });
    const calls = await callsOf(() => sweepFor(6 * HOUR));
    // In 360 sweeps; after four hours it is one an hour.
    expect([calls['DescribeCluster'], calls['ListInstances']]).toEqual([20, 20]);
    expect(Object.keys((await record(id))?.nodes ?? {})).not.toContain(liar);
    expect((await targets(id))?.map(({ labels }) => labels['instance']).toSorted()).toEqual(nodes(id).toSorted());
    expect(account.commands.commands().flatMap((command) => command.nodes)).not.toContain(liar);
  });

  test('of a cluster that EMR does not know is asked about ever more seldom, fails no sweep, and nothing is kept of it', async () => {
    const { account, callsOf, keys, lines, sweepFor } = world();
    const tags = { 'aws:elasticmapreduce:job-flow-id': 'j-NOBODY' };
    account.ec2.launch({ instanceType: 'm5.xlarge', market: 'ON_DEMAND', tags });
    const calls = await callsOf(() => sweepFor(6 * HOUR));
    expect([calls['DescribeCluster'], keys()]).toEqual([20, []]);
    expect(new Set(lines.map(({ level, message }) => `${level} ${message}`))).toEqual(
      new Set(['warn cluster unknown to EMR']),
    );
  });
});

test('a tag that somebody changed on an instance alone is asked about ever more seldom, and labels stay EMR’s', async () => {
  const { account, callsOf, id, nodes, sweepFor, targets } = await settled();
  for (const node of nodes(id)) {
    const { tags } = account.ec2.instance(node) ?? {};
    account.ec2.tag(node, { ...tags, Project: 'Lie' });
  }
  const calls = await callsOf(() => sweepFor(6 * HOUR));
  expect([calls['DescribeCluster'], calls['ListInstances'], calls['PutObject']]).toEqual([20, undefined, undefined]);
  expect((await targets(id))?.map(({ labels }) => labels['project'])).toEqual(['Etl', 'Etl', 'Etl']);
});
