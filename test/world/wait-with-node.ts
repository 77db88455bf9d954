/** Run inside a world by the tests beside this file: boots a node and waits to be ended from outside. */
import { bootNode } from '../../sandbox/nodes/boot-node.ts';

process.on('SIGTERM', () => {
  process.stdout.write('asked to stop\n');
  process.exit(9);
});
setInterval(() => undefined, 1_000);
const node = await bootNode({ instanceId: 'i-waits', address: '10.42.0.11' });
const { stdout } = await node.run(['cat', '/proc/1/comm']);
// Last of all: who reads this may end us at once.
process.stdout.write(`booted ${stdout}`);
