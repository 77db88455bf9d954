import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from '../account/account.ts';
import { type Child, startChild } from './child.ts';
import { freePort } from './free-port.ts';
import type { Prepared } from './prepare.ts';
import { startPrometheus, type Prometheus } from './prometheus.ts';
import { contentFolder, runSidecar, targetFolder } from './run-sidecar.ts';
import { LOOPBACK } from './simulated-nodes.ts';
import { untilReady } from './until-ready.ts';

export interface PrometheusHost {
  readonly prometheus: Prometheus;
  /** URLs. */
  readonly alertmanager: string;
  readonly sidecar: string;
}

interface HostOptions {
  readonly prepared: Prepared;
  /** For logs, target files and data. */
  readonly home: string;
  readonly account: Account;
  readonly bucket: string;
  /** Of Prometheus, which nodes and people reach. */
  readonly host: string;
  /** ARN of the sidecar's policy. */
  readonly policy: string;
  readonly s3Endpoint: string;
  readonly authority: string;
  readonly onFailure: (error: unknown) => void;
}

/** What the host of our own runs, beside each other: Prometheus first, for the sidecar loads its rules. */
export async function startPrometheusHost(
  options: HostOptions,
  closing: AsyncDisposableStack,
): Promise<PrometheusHost> {
  const { prepared, home, host, onFailure } = options;
  const [targets, content] = [targetFolder(home), contentFolder(home)];
  await Promise.all([targets, content].map((folder) => mkdir(folder, { recursive: true })));
  const [alertmanager, sidecar] = [await freeAddress(LOOPBACK), await freeAddress(LOOPBACK)];
  const failed = (name: string) => (code: number | null) =>
    onFailure(new Error(`${name} ended with code ${code}: see its log in ${home}`));
  const alerts = await startAlertmanager(prepared, home, alertmanager, failed('Alertmanager'));
  closing.defer(() => alerts.stop());
  const prometheus = await startPrometheus({
    build: prepared.prometheus,
    home,
    targets,
    content,
    listen: await freeAddress(host),
    addresses: { alertmanager, 'prometheus-on-emr-sidecar': sidecar },
    onExit: failed('Prometheus'),
  });
  closing.defer(() => prometheus.stop());
  const syncing = runSidecar({
    ...options,
    program: prepared.sidecar,
    promtool: prepared.prometheus.promtool,
    listen: sidecar,
    prometheus: prometheus.url,
  });
  closing.defer(() => syncing.stop());
  return { prometheus, alertmanager: `http://${alertmanager}`, sidecar: `http://${sidecar}` };
}

const freeAddress = async (host: string): Promise<string> => `${host}:${await freePort(host)}`;

const CONFIG = join(import.meta.dirname, '../../infra/alertmanager/alertmanager.yml');

/** The shipped configuration, as the installer leaves it where there is no topic. */
async function startAlertmanager(
  { alertmanager }: Prepared,
  home: string,
  listen: string,
  onExit: (code: number | null) => void,
): Promise<Child> {
  const folder = join(home, 'alertmanager');
  await mkdir(folder);
  const config = join(folder, 'alertmanager.yml');
  const withTopic = await readFile(CONFIG, 'utf8');
  await writeFile(config, withTopic.replaceAll(/^ *# topic:begin$[^]*?^ *# topic:end$/gm, ''));
  const data = `--storage.path=${join(folder, 'data')}`;
  const alone = '--cluster.listen-address=';
  const command = [alertmanager.alertmanager, `--config.file=${config}`, data, `--web.listen-address=${listen}`, alone];
  const log = join(home, 'alertmanager.log');
  const child = startChild(command, { env: {}, log, onExit });
  await untilReady('Alertmanager', `http://${listen}`, log);
  return child;
}
