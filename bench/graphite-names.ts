import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runScript } from '../sandbox/hadoop/run-script.ts';
import type { SandboxNode } from '../sandbox/nodes/boot-node.ts';
import { site } from '../test/infra/exporters/resource-manager.ts';
import type { Figure } from './figure.ts';

const APPLICATIONS = 100;
export const NAMES_UNIT = 'prometheus-on-emr-graphite-applications';
const PAGE = '/opt/prometheus-on-emr/node/textfile/spark-applications.prom';
/** Of a core. */
const BAR = 0.002;

/** As a ResourceManager tells of a running application, less `resourceRequests`. */
const application = (_: unknown, index: number) => ({
  id: `application_1700000000000_${1_000 + index}`,
  user: 'hadoop',
  name: `nightly job ${index}`,
  queue: 'root.default',
  state: 'RUNNING',
  finalStatus: 'UNDEFINED',
  progress: 10,
  trackingUI: 'ApplicationMaster',
  trackingUrl: `http://ip-10-0-0-1.ec2.internal:20888/proxy/application_1700000000000_${1_000 + index}/`,
  diagnostics: '',
  clusterId: 1_700_000_000_000,
  applicationType: 'SPARK',
  applicationTags: '',
  priority: 0,
  ...Object.fromEntries(
    Array.from({ length: 40 }, (_of, field) => [`aNumberThatNobodyHereAsksFor${field}`, index * field]),
  ),
});

/** A ResourceManager on the node's own port 8088 that always answers the same, and a folder for the page. */
export async function startNames(node: SandboxNode): Promise<void> {
  const apps = { apps: { app: Array.from({ length: APPLICATIONS }, application) } };
  const answer = `HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(apps)}`;
  await runScript(node, `mkdir -p /etc/hadoop/conf ${PAGE.replace(/[^/]+$/, '')}`);
  const files = {
    '/root/answer': answer,
    '/root/answers': `while read -r LINE && [ "$LINE" != $'\\r' ]; do :; done; cat /root/answer`,
    '/etc/hadoop/conf/core-site.xml': site({}),
    '/etc/hadoop/conf/yarn-site.xml': site({ 'yarn.resourcemanager.hostname': node.address }),
  };
  for (const [path, body] of Object.entries(files)) await writeFile(join(node.root, path), body);
  const listen = `systemd-socket-activate --listen ${node.address}:8088 --accept --inetd /bin/bash /root/answers`;
  await runScript(node, `systemd-run --quiet --unit resourcemanager ${listen}`);
}

/** Of a whole unit: of all that it has started, too. */
export const unitCpuMs = async (node: SandboxNode, unit: string): Promise<number> =>
  Number(
    /usage_usec (\d+)/.exec(await runScript(node, `cat /sys/fs/cgroup/system.slice/${unit}.service/cpu.stat`))?.[1],
  ) / 1_000;

export async function namesFigure(node: SandboxNode, cpuMs: number, wallMs: number): Promise<Figure> {
  const told = (await runScript(node, `grep -c '^spark_application_info' ${PAGE}`)).trim();
  if (told !== `${APPLICATIONS}`) throw new Error(`${told} names are told of ${APPLICATIONS}`);
  const share = cpuMs / wallMs;
  return {
    figure: `names of ${APPLICATIONS} applications, asked every 30 s: CPU on the master`,
    bar: `≤ ${BAR * 100} % of a core`,
    measured: `${(share * 100).toFixed(2)} % (${cpuMs.toFixed(0)} ms in ${(wallMs / 1_000).toFixed(0)} s)`,
    met: share <= BAR,
  };
}
