import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { vi } from 'vitest';
import { type Account, createAccount } from '../../../sandbox/account/account.ts';
import { type VirtualClock, virtualClock } from '../../../sandbox/account/clock.ts';
import { QUICK } from '../../../sandbox/account/compute.ts';
import { deployTemplate } from '../../../sandbox/account/deploy.ts';
import { type Call, openFace } from '../../../sandbox/account/face.ts';
import { inProcess } from '../../../sandbox/account/lambda.ts';
import { scriptedNodes, type ScriptedNodesOptions } from '../../../sandbox/account/scripted-nodes.ts';
import { createTls } from '../../../sandbox/account/tls.ts';
import { artifactKey, readExportersLock } from '../../../scripts/exporters/exporters-lock.ts';
import { lockFile } from '../../../scripts/package/package-stack.ts';
import { smokeCommand } from '../../../scripts/smoke/smoke.ts';
import { ALL_CHECKS, smokePolicy } from '../../../scripts/smoke/checks.ts';
import { createSmoke } from '../../../scripts/smoke/create-smoke.ts';
import { type Result, runChecks } from '../../../scripts/smoke/run-checks.ts';
import type { ClusterId, InstanceId } from '../../../shared/core/model.ts';
import { template } from '../../infra/template.ts';

const ACCOUNT = '123456789012';
/** Waits are fewer and longer than they are said to be. */
const HASTE = 20;
export const OPERATOR = `arn:aws:iam::${ACCOUNT}:role/operator`;
export const SIDECAR_HOST = `arn:aws:iam::${ACCOUNT}:role/prometheus-host`;
export const STACK = 'prometheus-on-emr-dev';
export const ANYBODY = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

/** One authority for all tests of a file: buckets answer over TLS only. */
export const tls = await createTls('127.0.0.1');
setDefaultCACertificates([...getCACertificates('default'), tls.ca]);

export interface SmokeWorld {
  readonly account: Account;
  readonly clock: VirtualClock;
  readonly bucket: string;
  readonly clusterId: ClusterId;
  /** Everything that was asked over the wire. */
  readonly calls: readonly Call[];
  /** Physical id of a resource. */
  readonly idOf: (logicalId: string) => string;
  readonly nodesOf: (id: ClusterId) => readonly InstanceId[];
  /** Another cluster of two nodes; it has 30 seconds. */
  readonly launch: (spec?: Partial<Parameters<Account['compute']['emr']['launch']>[0]>) => Promise<ClusterId>;
  /** The command, as whoever may do no more than its policy says. */
  readonly smoke: (...args: readonly string[]) => Promise<Said>;
  /** What backfill answers from now on; the answer ends that. */
  readonly answer: (otherwise: Backfill) => () => void;
  /** One line of it. */
  readonly check: (id: string, clusterId?: ClusterId) => Promise<Result>;
  /** Whose account this process works in from now on. */
  readonly signIn: () => void;
  readonly close: () => Promise<void>;
}

interface Said {
  readonly code: number;
  readonly printed: string;
}

type Backfill = (event: { readonly clusterIds: readonly ClusterId[] }) => unknown;

interface Options {
  readonly register?: ScriptedNodesOptions['register'];
  readonly existingBucket?: string;
}

/** Stage dev as it is packaged, deployed into an account in which all is well, with a cluster of two nodes. */
export async function smokeWorld({ existingBucket = '', register }: Options = {}): Promise<SmokeWorld> {
  const clock = virtualClock(new Date());
  let backfill: Backfill = reportOf;
  const account = createAccount({ clock, timings: QUICK });
  const calls: Call[] = [];
  const face = await openFace({ handlers: account.handlers, port: 0, tls, onCall: (call) => void calls.push(call) });
  if (existingBucket !== '') account.s3.createBucket(existingBucket, { versioned: false, isPrivate: false });
  const { idOf, bucket } = await deployWell(account, {
    endpoint: face.url,
    runner: () => inProcess(async (event) => backfill(event as never)),
    existingBucket,
  });
  scriptedNodes(account.compute, register === undefined ? {} : { register });
  const type = { instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 } as const;
  const groups = [
    { role: 'MASTER', ...type },
    { role: 'CORE', ...type },
  ] as const;
  const launch: SmokeWorld['launch'] = async (spec = {}) => {
    const id = account.compute.emr.launch({ name: 'etl', tags: { Project: 'Etl' }, groups, ...spec });
    await clock.advance(30_000);
    return id;
  };
  const clusterId = await launch();
  signIn(account, face.url);
  const run = async (print: (text: string) => void, args: readonly string[]): Promise<number> =>
    await smokeCommand(['--cluster', clusterId, ...args], process.env, print, () => undefined);
  return {
    account,
    clock,
    bucket,
    clusterId,
    calls,
    idOf,
    launch,
    nodesOf: (id) => account.compute.emr.active(id).flatMap(({ ec2 }) => (ec2 === undefined ? [] : [ec2.id])),
    async smoke(...args) {
      const printed: string[] = [];
      const code = await run((text) => void printed.push(text), args);
      return { code, printed: printed.join('\n') };
    },
    answer(otherwise) {
      backfill = otherwise;
      return () => void (backfill = reportOf);
    },
    async check(id, asked = clusterId) {
      const place = { stage: 'dev', region: 'us-east-1' };
      const surroundings = {
        now: () => clock.now(),
        sleep: (ms: number) => clock.advance(HASTE * ms),
        say: () => undefined,
      };
      const lockPath = lockFile(process.env);
      const smoke = await createSmoke({ place, clusterId: asked, lockPath, ...surroundings });
      const [result] = await runChecks(
        ALL_CHECKS.filter((check) => check.id === id),
        smoke,
        () => undefined,
      );
      if (result === undefined) throw new Error(`there is no check ${id}`);
      return result;
    },
    signIn: () => signIn(account, face.url),
    async close() {
      vi.unstubAllEnvs();
      await account.stop();
      await face.close();
    },
  };
}

interface Site {
  readonly endpoint: string;
  readonly runner: Parameters<typeof deployTemplate>[1]['runner'];
  readonly existingBucket?: string;
}

/** The packaged stack, its artifacts, somebody who has the sidecar's policy, and an operator who may run the smoke test. */
export async function deployWell(account: Account, { existingBucket = '', ...site }: Site) {
  const parameters = { ExistingBucket: existingBucket };
  const stack = deployTemplate(template, { account, ...site, stack: STACK, parameters });
  const idOf = (logicalId: string): string => String(account.stacks.find(STACK)?.resources.get(logicalId)?.physicalId);
  const bucket = stack.outputs['BucketName'] ?? '';
  await publish(account, bucket);
  account.permissions.putRole(SIDECAR_HOST, { trust: ANYBODY, managed: [idOf('SidecarPolicy')] });
  account.permissions.putRole(OPERATOR, { trust: ANYBODY, inline: { smoke: smokePolicy() } });
  return { idOf, bucket };
}

/** The SDK's clients find the account as they do in a terminal. */
export function signIn(account: Account, url: string): void {
  const { accessKeyId, secretAccessKey, sessionToken } = account.credentials.issue(
    `arn:aws:sts::${ACCOUNT}:assumed-role/operator/smoke`,
  );
  const env = {
    HOME: '/nonexistent',
    AWS_ENDPOINT_URL: url,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_REGION: undefined,
  };
  for (const [variable, value] of Object.entries(env)) vi.stubEnv(variable, value);
}

/** Objects that S3 would have verified at their upload: the real files are of no use here. */
async function publish(account: Account, bucket: string): Promise<void> {
  for (const [name, locked] of Object.entries(await readExportersLock())) {
    for (const artifact of Object.values(locked.artifacts)) {
      account.s3.put(bucket, artifactKey(name, locked, artifact), {
        body: Buffer.alloc(artifact.size ?? 1),
        headers: { 'x-amz-checksum-sha256': Buffer.from(artifact.sha256, 'hex').toString('base64') },
      });
    }
  }
}

/** As of a cluster on which something is to be done. */
export const reportOf = ({ clusterIds }: { readonly clusterIds: readonly ClusterId[] }) => ({
  clusters: clusterIds.map((clusterId) => ({
    clusterId,
    name: 'etl',
    state: 'RUNNING',
    selected: true,
    nodes: 2,
    decisions: [{ kind: 'install', exporter: 'node', version: '1.12.1', reason: 'missing' }],
    reset: [],
    idle: false,
  })),
  counts: { install: 1 },
  rung: clusterIds,
  remaining: [],
});
