import { expect, test } from 'vitest';
import { bootNode } from '../../sandbox/nodes/boot-node.ts';
test('boots', async () => {
  const t = Date.now();
  const nodes = await Promise.all([11, 12, 13].map((n) => bootNode({ instanceId: `i-${n}`, address: `10.42.0.${n}` })));
  console.log('boot', Date.now() - t);
  for (const c of [
    'hostname; ip -4 -o addr; cat /proc/1/comm; id; cat /proc/self/cgroup',
    'curl -s -i -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" 169.254.169.254/latest/api/token',
    'systemctl list-units --type service --state running --no-legend',
    'env; cat /etc/hosts; ps aux | wc -l; which python3 jq perl aws; touch /etc/hosts; echo x >> /etc/hosts',
  ]) {
    const t2 = Date.now();
    console.log(await nodes[0]!.run(['bash', '-c', c]), Date.now() - t2);
  }
  let t3 = Date.now();
  await nodes[0]!.kill();
  console.log('kill', Date.now() - t3);
  t3 = Date.now();
  await nodes[1]!.stop();
  console.log('stop', Date.now() - t3);
  const again = await bootNode({ instanceId: 'i-x', address: '10.42.0.11' });
  expect(again.address).toBe('10.42.0.11');
});
