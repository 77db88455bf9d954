import { createWriteStream } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createAccount, type Account, type AccountSettings } from '../account/account.ts';
import { realClock } from '../account/clock.ts';
import { QUICK } from '../account/compute.ts';
import { deployTemplate, type Stack } from '../account/deploy.ts';
import { type FaceOptions, openFace } from '../account/face.ts';
import { packagedRunner } from '../account/lambda-package.ts';
import { putNodeRole } from '../account/node-role.ts';
import { embeddedMetrics } from '../account/service-metrics.ts';
import { createTls } from '../account/tls.ts';
import { addHostNames, WORLD_ADDRESS } from '../nodes/world.ts';
import { publishDemoContent } from './demo-content.ts';
import { type Equipment, hostNodes, type NodeHosts, type OnBoot } from './node-hosts.ts';
import type { Prepared } from './prepare.ts';
import { type PrometheusHost, startPrometheusHost } from './prometheus-host.ts';
import { targetFolder } from './run-sidecar.ts';
import { watchTargets, type Sightings } from './sightings.ts';
import { LOOPBACK, simulateNodes } from './simulated-nodes.ts';

const S3_HOST = 's3.us-east-1.aws.test';
/** As osls calls it by default, and as the commands of a terminal look for it. */
const STACK = 'prometheus-on-emr-dev';

/** Everything but AWS itself is real: functions, documents, nodes, sidecar, Prometheus. */
export interface Stage extends PrometheusHost {
  readonly account: Account;
  readonly stack: Stack;
  readonly bucket: string;
  /** Of the account: every service over TLS, S3 with the bucket in the path. */
  readonly endpoint: string;
  /** PEM file of who signed its certificate. */
  readonly authority: string;
  readonly hosts: NodeHosts;
  readonly sightings: Sightings;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly prepared: Prepared;
  /** An empty folder for logs, target files and Prometheus's data. */
  readonly home: string;
  /** Systemd nodes need the nodes' world around this process. `agent`: `stand-in`, or the real one's folder. */
  readonly nodes: SystemdOptions | { readonly kind: 'simulated' };
  /** One line of a function. */
  readonly onLogLine: (functionName: string, line: string) => void;
  readonly onBoot: OnBoot;
  /** Something ended that should not have. */
  readonly onFailure: (error: unknown) => void;
  /** Each finished invocation of a function, and each call that the account answered: for measurements. */
  readonly onReport?: AccountSettings['onReport'];
  readonly onCall?: FaceOptions['onCall'];
}

interface SystemdOptions {
  readonly kind: 'systemd';
  readonly agent: string;
  readonly equip?: (account: Account) => Equipment;
}

/** Deploys the packaged stack into a fresh account and starts what runs beside it; all of it, or it throws. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const closing = new AsyncDisposableStack();
  try {
    const scene = await deploy(options, closing);
    const { account, stack, bucket, authority, secureEndpoint: endpoint } = scene;
    const hosts = startNodes(options, scene);
    closing.defer(() => hosts.close());
    const policy = stack.outputs['SidecarPolicyArn'] ?? '';
    const running = await startPrometheusHost({ ...options, ...scene, policy }, closing);
    const { prometheus } = running;
    const sightings = watchTargets({
      published: () => targetFiles(account, bucket),
      folder: targetFolder(options.home),
      targets: prometheus.targets,
    });
    closing.defer(() => sightings.stop());
    const close = (): Promise<void> => closing.disposeAsync();
    return { account, stack, bucket, endpoint, authority, hosts, ...running, sightings, close };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

interface Scene {
  readonly account: Account;
  readonly stack: Stack;
  readonly bucket: string;
  /** The address of the account, and of what runs beside it. */
  readonly host: string;
  readonly endpoint: string;
  readonly secureEndpoint: string;
  readonly s3Endpoint: string;
  /** PEM file of who signed S3's certificate. */
  readonly authority: string;
}

async function deploy(options: StageOptions, closing: AsyncDisposableStack): Promise<Scene> {
  const { prepared, home, nodes, onReport, onCall } = options;
  const inWorld = nodes.kind === 'systemd';
  const host = inWorld ? WORLD_ADDRESS : LOOPBACK;
  const logs = createWriteStream(join(home, 'functions.log'));
  closing.defer(() => void logs.end());
  const account = createAccount({
    clock: realClock(),
    timings: { ...QUICK, spotWarning: 8000 },
    seed: home,
    ...(inWorld ? {} : { addressOf: () => LOOPBACK }),
    ...(onReport && { onReport }),
    onDenied: (message) => options.onFailure(new Error(`AccessDenied: ${message}`)),
  });
  const tls = await createTls(inWorld ? S3_HOST : host, LOOPBACK);
  const authority = join(home, 'authority.pem');
  await writeFile(authority, tls.ca);
  const face = { handlers: account.handlers, host, ...(onCall && { onCall }) };
  const http = await openFace({ ...face, port: inWorld ? 4566 : 0 });
  closing.defer(() => http.close());
  const https = await openFace({ ...face, port: inWorld ? 443 : 0, tls });
  closing.defer(() => https.close());
  closing.defer(() => account.stop());
  const s3Endpoint = inWorld ? `https://${S3_HOST}` : https.url;
  const site = {
    endpoint: http.url,
    runner: packagedRunner({
      folder: prepared.stack,
      account,
      endpoint: http.url,
      s3Endpoint,
      caFile: authority,
      onLine(name, line) {
        logs.write(`${line}\n`);
        for (const point of embeddedMetrics(line)) account.alarms.record(point);
        options.onLogLine(name, line);
      },
    }),
  };
  // For who points `npm run deploy:host` at the demo's account.
  account.stacks.runAt(site);
  const stack = deployTemplate(await readTemplate(prepared.stack), { account, stack: STACK, ...site });
  const bucket = stack.outputs['BucketName'] ?? '';
  putNodeRole(account.permissions, account.accountId, [stack.outputs['NodePolicyArn'] ?? '']);
  if (inWorld) await addHostNames([S3_HOST, `${bucket}.${S3_HOST}`]);
  await uploadArtifacts(account, bucket, prepared.exporters.folder);
  await publishDemoContent(account, bucket);
  return { account, stack, bucket, host, endpoint: http.url, secureEndpoint: https.url, s3Endpoint, authority };
}

function startNodes({ nodes, onBoot, onFailure }: StageOptions, { account, endpoint, authority }: Scene): NodeHosts {
  if (nodes.kind === 'simulated') return simulateNodes(account, onBoot);
  const { agent, equip } = nodes;
  const equipment = equip === undefined ? {} : { equipment: equip(account) };
  return hostNodes(account, { agent, endpoint, authority, onBoot, onFailure, ...equipment });
}

const readTemplate = async (folder: string): Promise<unknown> =>
  JSON.parse(await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'));

/** As the publishing step of a deploy does: the folder is laid out like the bucket. */
async function uploadArtifacts({ s3 }: Account, bucket: string, folder: string): Promise<void> {
  const entries = await readdir(join(folder, 'artifacts'), { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((file) => file.isFile())) {
    const path = join(entry.parentPath, entry.name);
    s3.put(bucket, relative(folder, path), { body: await readFile(path) });
  }
}

const targetFiles = ({ s3 }: Account, bucket: string): readonly string[] =>
  s3.list(bucket, { prefix: 'targets/' }).objects.map(({ body }) => Buffer.from(body).toString());
