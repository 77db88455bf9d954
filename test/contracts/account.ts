import { EC2Client } from '@aws-sdk/client-ec2';
import { EMRClient } from '@aws-sdk/client-emr';
import { SSMClient } from '@aws-sdk/client-ssm';
import { onTestFinished } from 'vitest';
import { createAccount, type Account } from '../../sandbox/account/account.ts';
import { type VirtualClock, virtualClock } from '../../sandbox/account/clock.ts';
import { QUICK } from '../../sandbox/account/compute.ts';
import { openFace } from '../../sandbox/account/face.ts';
import { computePorts } from '../../sandbox/account/ports.ts';
import { ec2Fleet } from '../../shared/aws/ec2-fleet.ts';
import { emrClusters } from '../../shared/aws/emr-clusters.ts';
import { ssmCommands } from '../../shared/aws/ssm-commands.ts';
import type { Clusters, Commands, Fleet } from '../../shared/ports.ts';

export interface Ports {
  readonly clusters: Clusters;
  readonly fleet: Fleet;
  readonly commands: Commands;
}

export interface World {
  readonly account: Account;
  readonly clock: VirtualClock;
  readonly ports: Ports;
}

/** The account's time starts now and moves little: over the wire requests are signed on the real clock. */
function newAccount() {
  const clock = virtualClock(new Date());
  const account = createAccount({ clock, timings: QUICK });
  onTestFinished(() => account.stop());
  return { account, clock };
}

function inProcess(): Promise<World> {
  const { account, clock } = newAccount();
  return Promise.resolve({ account, clock, ports: computePorts(account.compute) });
}

async function overTheWire(): Promise<World> {
  const { account, clock } = newAccount();
  const face = await openFace({ handlers: account.handlers, port: 0 });
  onTestFinished(() => face.close());
  const credentials = account.credentials.issue();
  const client = { endpoint: face.url, region: account.region, credentials, maxAttempts: 2 };
  const ports = {
    clusters: emrClusters(new EMRClient(client)),
    fleet: ec2Fleet(new EC2Client(client)),
    commands: ssmCommands(new SSMClient(client)),
  };
  return { account, clock, ports };
}

/** Every contract runs on both: what tests rely on in process is what the real SDK and our adapters do. */
export const FACES = [
  ['the simulated account in process', inProcess],
  ['our adapters over its wire protocols', overTheWire],
] as const;
