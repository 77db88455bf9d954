import { expect, test } from 'vitest';
import { sample, SECOND, world } from '../fakes/world.ts';

test('a cluster comes up, and its node gets its exporter and becomes a target', async () => {
  const { launch, deliver, clock, nodes, targets, events } = world();
  const id = await launch();
  const [node] = nodes(id);
  await deliver(sample('emr-cluster-waiting', { clusterId: id }));
  expect(await targets(id)).toBeUndefined();
  await clock.advance(2 * SECOND);
  await deliver(
    events.findLast((event) => event['detail-type'] === 'EC2 Command Invocation Status-change Notification'),
  );
  expect(await targets(id)).toEqual([
    {
      targets: ['10.42.0.10:9100'],
      labels: {
        account_id: '111122223333',
        availability_zone: 'us-east-1a',
        cluster_id: id,
        cluster_name: 'etl',
        cluster_role: 'MASTER',
        instance: node,
        instance_type: 'm5.xlarge',
        job: 'node',
        market: 'ON_DEMAND',
        node_name: 'ip-10-42-0-10.ec2.internal',
        project: 'Etl',
        region: 'us-east-1',
        release_label: 'emr-7.5.0',
      },
    },
  ]);
});
