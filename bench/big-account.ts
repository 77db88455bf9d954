/**
 * An account of 10,000 EMR nodes behind a loopback port, in a process of its own: its work does not count.
 * Started by start-account.ts: big-account.ts <nodes that have ended> [settings.json].
 */
import { openFace } from '../sandbox/account/face.ts';
import type { WireHandler } from '../sandbox/account/wire.ts';
import { bigEc2 } from './big-ec2.ts';
import { bigFleet, CLUSTERS, NODES_EACH } from './big-fleet.ts';
import type { Traffic } from './start-account.ts';

const [, , ended = '0'] = process.argv;
let calls: Record<string, number> = {};
let bytes = 0;

const counted =
  (handler: WireHandler): WireHandler =>
  async (request) => {
    const response = await handler(request);
    bytes += response.body.length;
    return response;
  };

const leavers = bigFleet(Math.ceil(Number(ended) / NODES_EACH), 'ended ');
const face = await openFace({
  handlers: { targets: {}, query: counted(bigEc2(bigFleet(CLUSTERS), leavers)) },
  port: 0,
  onCall({ service, operation }) {
    const name = `${service} ${operation}`;
    calls[name] = (calls[name] ?? 0) + 1;
  },
});
process.on('message', () => {
  process.send?.({ calls, bytes } satisfies Traffic);
  calls = {};
  bytes = 0;
});
process.on('disconnect', () => process.exit());
process.send?.({
  AWS_ENDPOINT_URL: face.url,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
});
