import { EC2Client } from '@aws-sdk/client-ec2';
import { EMRClient } from '@aws-sdk/client-emr';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { onTestFinished } from 'vitest';
import { createAccount, type Account } from '../../sandbox/account/account.ts';
import { type VirtualClock, virtualClock } from '../../sandbox/account/clock.ts';
import { QUICK } from '../../sandbox/account/compute.ts';
import { openFace } from '../../sandbox/account/face.ts';
import { computePorts } from '../../sandbox/account/ports.ts';
import { ec2Fleet } from '../../shared/aws/ec2-fleet.ts';
import { emrClusters } from '../../shared/aws/emr-clusters.ts';
import { s3Artifacts } from '../../shared/aws/s3-artifacts.ts';
import { s3Records } from '../../shared/aws/s3-records.ts';
import { s3Targets } from '../../shared/aws/s3-targets.ts';
import { ssmCommands } from '../../shared/aws/ssm-commands.ts';
import type { Artifacts, Clusters, Commands, EmrOperation, Fleet, Records, TargetFiles } from '../../shared/ports.ts';
import { settings } from '../core/sample-record.ts';
import { storage } from '../fakes/storage.ts';

export const BUCKET = 'prometheus-on-emr-test';

interface Ports {
  readonly clusters: Clusters;
  readonly fleet: Fleet;
  readonly commands: Commands;
  readonly records: Records;
  readonly targets: TargetFiles;
  readonly artifacts: Artifacts;
}

export interface World {
  readonly account: Account;
  readonly clock: VirtualClock;
  readonly ports: Ports;
  /** What the ports have spent of EMR's quotas. */
  readonly spent: readonly EmrOperation[];
}

/** The account's time starts now and moves little: over the wire requests are signed on the real clock. */
function newAccount() {
  const clock = virtualClock(new Date());
  const account = createAccount({ clock, timings: QUICK });
  account.s3.createBucket(BUCKET);
  onTestFinished(() => account.stop());
  return { account, clock };
}

function inProcess(): Promise<World> {
  const { account, clock } = newAccount();
  const stored = storage(account.s3, BUCKET, { clock, faults: account.faults }, settings.exporters);
  const spent: EmrOperation[] = [];
  const computed = computePorts(account.compute, (operation) => void spent.push(operation));
  return Promise.resolve({ account, clock, ports: { ...computed, ...stored }, spent });
}

async function overTheWire(): Promise<World> {
  const { account, clock } = newAccount();
  const face = await openFace({ handlers: account.handlers, port: 0 });
  onTestFinished(() => face.close());
  const credentials = account.credentials.issue();
  const client = { endpoint: face.url, region: account.region, credentials, maxAttempts: 2 };
  const s3 = new S3Client(client);
  const spent: EmrOperation[] = [];
  const ports = {
    clusters: emrClusters(new EMRClient(client), (operation) => void spent.push(operation)),
    fleet: ec2Fleet(new EC2Client(client)),
    commands: ssmCommands(new SSMClient(client)),
    records: s3Records(s3, BUCKET),
    targets: s3Targets(s3, BUCKET),
    artifacts: s3Artifacts(s3, BUCKET, settings.exporters),
  };
  return { account, clock, ports, spent };
}

/** Every contract runs on both: what tests rely on in process is what the real SDK and our adapters do. */
export const FACES = [
  ['the simulated account in process', inProcess],
  ['our adapters over its wire protocols', overTheWire],
] as const;
