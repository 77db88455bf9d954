import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startChild } from './child.ts';
import { freePort } from './free-port.ts';
import { contentFolder } from './run-sidecar.ts';
import { LOOPBACK } from './simulated-nodes.ts';
import type { Stage } from './stage.ts';

/** What it asks. */
export interface Addresses extends Pick<Stage, 'alertmanager'> {
  readonly prometheus: Pick<Stage['prometheus'], 'url'>;
}

/** For what hangs. */
const DEADLINE_MS = 180_000;

/**
 * The release in `folder` with the demo's Prometheus and the shipped dashboards; whoever opens it may look at everything.
 * Answers its URL once it is ready.
 */
export async function startGrafana(
  { prometheus, alertmanager }: Addresses,
  { folder, home }: { readonly folder: string; readonly home: string },
  closing: AsyncDisposableStack,
): Promise<string> {
  const own = join(home, 'grafana');
  const provisioning = join(own, 'provisioning');
  for (const name of ['datasources', 'dashboards']) await mkdir(join(provisioning, name), { recursive: true });
  const sources = [
    {
      name: 'Prometheus',
      uid: 'prometheus-on-emr',
      type: 'prometheus',
      url: prometheus.url,
      isDefault: true,
      jsonData: { timeInterval: '5s' },
    },
    {
      name: 'Alertmanager',
      uid: 'prometheus-on-emr-alertmanager',
      type: 'alertmanager',
      url: alertmanager,
      jsonData: { implementation: 'prometheus' },
    },
  ];
  await writeFile(
    join(provisioning, 'datasources/demo.yml'),
    stringify({ apiVersion: 1, datasources: sources.map((source) => ({ ...source, access: 'proxy' })) }),
  );
  const path = join(contentFolder(home), 'current/dashboards');
  await writeFile(
    join(provisioning, 'dashboards/demo.yml'),
    stringify({ apiVersion: 1, providers: [{ name: 'demo', type: 'file', folder: 'EMR', options: { path } }] }),
  );
  const port = await freePort(LOOPBACK);
  const log = join(home, 'grafana.log');
  let end: string | undefined;
  const child = startChild([join(folder, 'bin/grafana'), 'server', '--homepath', folder], {
    env: {
      GF_SERVER_HTTP_ADDR: LOOPBACK,
      GF_SERVER_HTTP_PORT: String(port),
      GF_PATHS_DATA: join(own, 'data'),
      GF_PATHS_PLUGINS: join(own, 'plugins'),
      GF_PATHS_PROVISIONING: provisioning,
      GF_LOG_MODE: 'console',
      GF_AUTH_ANONYMOUS_ENABLED: 'true',
      GF_ANALYTICS_REPORTING_ENABLED: 'false',
      GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
      GF_PLUGINS_PREINSTALL_DISABLED: 'true',
      GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: join(path, 'emr-fleet.json'),
    },
    log,
    onExit: (code) => void (end = `ended with code ${code}`), // a story that is told needs none
  });
  closing.defer(() => child.stop());
  const url = `http://${LOOPBACK}:${port}`;
  const isReady = () =>
    fetch(`${url}/api/health`)
      .then(({ ok }) => ok)
      .catch(() => false);
  for (const deadline = Date.now() + DEADLINE_MS; !(await isReady());) {
    if (Date.now() > deadline) end = `does not answer after ${DEADLINE_MS / 1000} s`;
    if (end !== undefined) throw new Error(`Grafana ${end}: see ${log}`);
    await new Promise((done) => setTimeout(done, 200));
  }
  return url;
}
