import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LOOPBACK } from './simulated-nodes.ts';
import { servePages } from './pages.ts';
import type { Stage } from './stage.ts';

/** For `--keep`: the Prometheus host's pages, the account's wire, and the account as JSON: what EMR says, and what is in the bucket. */
export async function serveStage(stage: Stage, folder: string, grafana?: string): Promise<void> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(`${JSON.stringify(stateOf(stage), undefined, 2)}\n`);
  });
  await new Promise<void>((done) => {
    server.listen(0, LOOPBACK, done);
  });
  server.unref();
  const { port } = server.address() as AddressInfo;
  await servePages(folder, {
    ...(grafana !== undefined && { grafana: new URL(grafana) }),
    sidecar: new URL(stage.sidecar),
    prometheus: new URL(stage.prometheus.url),
    alertmanager: new URL(stage.alertmanager),
    account: new URL(`http://${LOOPBACK}:${port}`),
    api: new URL(stage.endpoint),
  });
}

function stateOf({ account, bucket }: Stage) {
  const { emr } = account.compute;
  return {
    clusters: emr.clusters().map((cluster) => ({ ...cluster, nodes: emr.instances(cluster.id) })),
    bucket: Object.fromEntries(
      account.s3
        .list(bucket, {})
        .objects.filter(({ key }) => key.endsWith('.json'))
        .map(({ key, body }) => [key, JSON.parse(Buffer.from(body).toString()) as unknown]),
    ),
  };
}
