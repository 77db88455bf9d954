/**
 * A child process's main: plays each scene over the simulated account with the functions' real meter. Its stdout is what
 * CloudWatch Logs would get: after a line that names the scene, the metrics of its sweeps and deliveries.
 */
import { S3Client, HeadBucketCommand } from '@aws-sdk/client-s3';
import { counted } from '../../shared/aws/count-calls.ts';
import type { Settings } from '../../shared/core/settings.ts';
import { flushMetrics, meter } from '../../shared/runtime/telemetry.ts';
import { nodeExporter, settings } from '../core/sample-record.ts';
import { BUCKET, deliver, MINUTE, type Options, sample, SECOND, world } from '../fakes/world.ts';

const group = { instanceType: 'm5.xlarge', market: 'ON_DEMAND' } as const;
const CORES = {
  groups: [{ ...group, role: 'MASTER', count: 1 } as const, { ...group, role: 'CORE', count: 2 } as const],
};
const failing = { exitCode: 1, stdout: '', stderr: 'no space left' };

/** A cluster of three nodes; `sweepFor` and `deploy` are those of the fake world, with the real meter. */
async function metered(options: Options = {}) {
  const here = world(options);
  const sweeper = here.container({ meter }, 'sweep');
  return {
    ...here,
    id: await here.launch(CORES),
    sweepFor: (minutes: number, by = sweeper) => here.sweepFor(minutes * MINUTE, by),
    deploy: (changes: Partial<Settings>) =>
      here.container({ meter, settings: { ...settings, ...changes, hash: JSON.stringify(changes) } }, 'sweep'),
  };
}

const SCENES: Readonly<Record<string, () => Promise<void>>> = {
  async calm() {
    const { container, faults, id, launch, sweepFor } = await metered();
    await sweepFor(3);
    const app = container({ meter });
    faults.arm({ kind: 'error', status: 412, code: 'PreconditionFailed' }, { operation: 'PutObject' });
    await deliver([{ clusterId: await launch() }], app);
    await deliver(
      [sample('emr-cluster-running', { clusterId: id }), sample('emr-cluster-running', { clusterId: 'j-9' })],
      app,
    );
    await deliver([{ clusterId: id }], { ...app, budget: { ...app.budget, waitForLook: () => SECOND } });
    const nowhere = { region: 'us-east-1', endpoint: 'http://127.0.0.1:1', maxAttempts: 1 };
    const s3 = counted(new S3Client({ ...nowhere, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }), meter);
    await s3.send(new HeadBucketCommand({ Bucket: BUCKET })).catch(() => undefined);
  },
  async NodesUnreachable() {
    const { sweepFor } = await metered({ register: () => undefined });
    await sweepFor(12);
  },
  async ArtifactsMissing() {
    const { s3, sweepFor } = await metered();
    for (const key of Object.values(nodeExporter.artifacts)) s3.remove(BUCKET, key);
    await sweepFor(14);
  },
  async OrdersPutOff() {
    const { install, sweepFor } = await metered();
    install(() => ({ exitCode: 75, stdout: '', stderr: 'no way to S3' }));
    await sweepFor(180);
  },
  async OrdersGivenUp() {
    const { install, sweepFor } = await metered();
    install(() => failing);
    await sweepFor(60);
  },
  async RolloutStopped() {
    const { deploy, install, sweepFor } = await metered();
    await sweepFor(3);
    install(() => failing);
    const exporters = [{ ...nodeExporter, version: '1.13.0', revision: 'r3' }];
    await sweepFor(60, deploy({ exporters, rollout: { atOnce: 1, failures: 0.1 } }));
  },
  async DeletionsRefused() {
    const { account, deploy, id, nodes, sweepFor } = await metered();
    await sweepFor(3);
    account.emr.replaceNode(nodes(id)[1] ?? 'i-', { replacement: false });
    await sweepFor(5, deploy({ policies: { ...settings.policies, limitDeletes: { nodes: 0 } } }));
  },
  async RecordsUnreadable() {
    const { id, s3, sweepFor } = await metered();
    await sweepFor(3);
    s3.put(BUCKET, `clusters/${id}.json`, { body: '{}' });
    await sweepFor(1);
  },
  async ClustersFailing() {
    const { faults, sweepFor } = await metered();
    const denied = { kind: 'error', status: 400, code: 'AccessDeniedException' } as const;
    faults.arm(denied, { operation: 'DescribeCluster', times: 99 });
    await sweepFor(3).catch(() => undefined);
  },
};

for (const [scene, play] of Object.entries(SCENES)) {
  await play();
  process.stdout.write(`${JSON.stringify({ scene })}\n`);
  flushMetrics();
}
