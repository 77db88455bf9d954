import { chmod, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createAccount, type Account } from '../account/account.ts';
import { realClock } from '../account/clock.ts';
import { QUICK } from '../account/compute.ts';
import { deployTemplate, type Stack } from '../account/deploy.ts';
import { openFace, type Face } from '../account/face.ts';
import { packagedRunner } from '../account/lambda-package.ts';
import { createTls } from '../account/tls.ts';
import { addHostNames, WORLD_ADDRESS } from '../nodes/world.ts';
import { startChild } from './child.ts';
import { hostNodes, type NodeHosts } from './node-hosts.ts';
import type { Prepared } from './prepare.ts';
import { startPrometheus, type Prometheus } from './prometheus.ts';
import { watchTargets, type Sightings } from './sightings.ts';

const S3_HOST = 's3.us-east-1.aws.test';
const FACE_PORT = 4566;

/** Everything but AWS itself is real: functions, documents, nodes, sidecar, Prometheus. */
export interface Stage {
  readonly account: Account;
  readonly stack: Stack;
  readonly bucket: string;
  readonly hosts: NodeHosts;
  readonly prometheus: Prometheus;
  readonly sightings: Sightings;
  /** Where logs, target files and Prometheus's data are. */
  readonly home: string;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly prepared: Prepared;
  /** A folder on disk; one below it is made for this run. */
  readonly parent: string;
  readonly agent: string;
  /** One JSON line of a function. */
  readonly onLogLine: (functionName: string, line: string) => void;
  readonly onBoot: (instanceId: string, milliseconds: number) => void;
  /** Something ended that should not have. */
  readonly onFailure: (error: unknown) => void;
}

/** Inside the nodes' world: deploys the packaged stack into a fresh account and starts what runs beside it. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const { prepared, onFailure } = options;
  await mkdir(options.parent, { recursive: true });
  const home = await mkdtemp(join(options.parent, 'run-'));
  await chmod(home, 0o755);
  const account = createAccount({ clock: realClock(), timings: { ...QUICK, spotWarning: 8000 }, seed: home });
  const tls = await createTls(S3_HOST);
  const authority = join(home, 'authority.pem');
  await writeFile(authority, tls.ca);
  const endpoint = `http://${WORLD_ADDRESS}:${FACE_PORT}`;
  const faces = [
    await openFace({ handlers: account.handlers, host: WORLD_ADDRESS, port: FACE_PORT }),
    await openFace({ handlers: account.handlers, host: WORLD_ADDRESS, port: 443, tls }),
  ];
  const template = await readFile(join(prepared.stack, 'cloudformation-template-update-stack.json'), 'utf8');
  const stack = deployTemplate(JSON.parse(template), {
    account,
    endpoint,
    runner: packagedRunner({
      folder: prepared.stack,
      region: account.region,
      credentials: account.credentials.issue(),
      endpoint,
      s3Endpoint: `https://${S3_HOST}`,
      caFile: authority,
      onLine: options.onLogLine,
    }),
  });
  const bucket = stack.outputs['BucketName'] ?? '';
  await addHostNames([S3_HOST, `${bucket}.${S3_HOST}`]);
  await uploadArtifacts(account, bucket, prepared.exporters.folder);
  const hosts = hostNodes(account, {
    agent: options.agent,
    authority,
    onBoot: ({ id }, milliseconds) => options.onBoot(id, milliseconds),
    onFailure,
  });
  const sidecar = await startSidecar(options, { account, bucket, authority, home });
  const targets = join(home, 'sidecar/targets');
  const prometheus = await startPrometheus({
    build: prepared.prometheus,
    home,
    targets,
    listen: `${WORLD_ADDRESS}:9090`,
    onExit: (code) => onFailure(new Error(`Prometheus ended with code ${code}: see ${home}/prometheus.log`)),
  });
  const sightings = watchTargets({
    published: () => targetFiles(account, bucket),
    folder: targets,
    targets: prometheus.targets,
  });
  return {
    account,
    stack,
    bucket,
    hosts,
    prometheus,
    sightings,
    home,
    async close() {
      sightings.stop();
      await Promise.all([account.stop(), prometheus.stop(), sidecar.stop()]);
      await Promise.all(faces.map((face: Face) => face.close()));
      await hosts.settle();
      await Promise.all([...hosts.nodes.values()].map((node) => node.kill()));
    },
  };
}

interface Scene {
  readonly account: Account;
  readonly bucket: string;
  readonly authority: string;
  readonly home: string;
}

async function startSidecar({ prepared, onFailure }: StageOptions, { account, bucket, authority, home }: Scene) {
  const directory = join(home, 'sidecar');
  await mkdir(join(directory, 'targets'), { recursive: true });
  const { accessKeyId, secretAccessKey, sessionToken } = account.credentials.issue();
  return startChild([process.execPath, prepared.sidecar, '--bucket', bucket, '--directory', directory], {
    env: {
      AWS_REGION: account.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_ENDPOINT_URL_S3: `https://${S3_HOST}`,
      NODE_EXTRA_CA_CERTS: authority,
    },
    log: join(home, 'sidecar.log'),
    onExit: (code) => onFailure(new Error(`the sidecar ended with code ${code}: see ${home}/sidecar.log`)),
  });
}

/** As `sls deploy`'s publishing step does: the folder is laid out like the bucket. */
async function uploadArtifacts({ s3 }: Account, bucket: string, folder: string): Promise<void> {
  const entries = await readdir(join(folder, 'artifacts'), { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((file) => file.isFile())) {
    const path = join(entry.parentPath, entry.name);
    s3.put(bucket, relative(folder, path), { body: await readFile(path) });
  }
}

const targetFiles = ({ s3 }: Account, bucket: string): readonly string[] =>
  s3.list(bucket, { prefix: 'targets/' }).objects.map(({ body }) => Buffer.from(body).toString());
