/**
 * An account of 10,000 EMR nodes behind a loopback port, in a process of its own: its work does not count.
 * Started by start-account.ts: big-account.ts <nodes that have ended> [settings.json of a bundle, for records].
 */
import { readFileSync } from 'node:fs';
import { realClock } from '../sandbox/account/clock.ts';
import { createCredentials } from '../sandbox/account/credentials.ts';
import { openFace } from '../sandbox/account/face.ts';
import { s3Handler } from '../sandbox/account/s3-wire.ts';
import { createS3 } from '../sandbox/account/s3.ts';
import type { WireHandler } from '../sandbox/account/wire.ts';
import { renderRecord } from '../shared/core/record.ts';
import type { Settings } from '../shared/core/settings.ts';
import { renderTargets, targetGroups } from '../shared/core/targets.ts';
import { bigEc2 } from './big-ec2.ts';
import { bigFleet, CLUSTERS, NODES_EACH } from './big-fleet.ts';
import { bigRecords } from './big-records.ts';
import type { Traffic } from './start-account.ts';

const BUCKET = 'monitoring';
const [, , ended = '0', settingsFile] = process.argv;
const fleet = bigFleet(CLUSTERS);
const leavers = bigFleet(Math.ceil(Number(ended) / NODES_EACH), 'ended ');
const clock = realClock();
const credentials = createCredentials(clock);
const s3 = createS3(clock);
s3.createBucket(BUCKET);
if (settingsFile !== undefined) {
  for (const record of bigRecords(fleet, JSON.parse(readFileSync(settingsFile, 'utf8')) as Settings)) {
    const { etag: targetEtag } = s3.put(BUCKET, `targets/${record.clusterId}.json`, {
      body: renderTargets(targetGroups(record)),
      metadata: { sequence: String(record.sequence) },
    });
    s3.put(BUCKET, `clusters/${record.clusterId}.json`, { body: renderRecord({ ...record, targetEtag }) });
  }
}

let calls: Record<string, number> = {};
let bytes = 0;
const counted =
  (handler: WireHandler): WireHandler =>
  async (request) => {
    const response = await handler(request);
    bytes += response.body.length;
    return response;
  };
// EMR, SSM and SQS are not there: whoever calls them is counted, and fails.
const face = await openFace({
  handlers: {
    targets: {},
    query: counted(bigEc2(fleet, leavers)),
    s3: counted(s3Handler(s3, credentials, clock)),
  },
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
const { accessKeyId, secretAccessKey, sessionToken } = credentials.issue();
process.send?.({
  AWS_ENDPOINT_URL: face.url,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
  BUCKET,
  DOORBELL_QUEUE_URL: `${face.url}/${accessKeyId}/doorbells`,
  RETIRE: 'false',
});
