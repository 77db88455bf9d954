import type { Grafana } from '../../scripts/prepare/prepare-grafana.ts';
import { alertStates } from './alert-states.ts';
import { type Addresses, startGrafana } from './grafana.ts';
import type { Pages } from './pages.ts';
import type { Prepared } from './prepare.ts';
import type { Stage } from './stage.ts';
import { serveStage } from './state-page.ts';
import { terminalLines } from './terminal-lines.ts';

/** With `--keep`. */
interface Kept {
  readonly prepared: Pick<Prepared, 'lock'>;
  /** Of the stage. */
  readonly home: string;
  readonly pages: Pick<Pages, 'folder' | 'urls'>;
  readonly grafana: Grafana;
}

/** Opens the pages of what runs, starts Grafana where there is one, and answers what people are told of them. */
export async function leaveRunning(stage: Stage, kept: Kept, closing: AsyncDisposableStack): Promise<string> {
  const { pages, grafana, home } = kept;
  const url = 'folder' in grafana ? await startGrafana(stage, { folder: grafana.folder, home }, closing) : undefined;
  await serveStage(stage, pages.folder, url);
  return await renderKept(stage, kept);
}

type Shown = Addresses & Pick<Stage, 'account' | 'authority'>;

export const renderKept = async (
  stage: Shown,
  { pages: { urls }, prepared, grafana }: Omit<Kept, 'home'>,
): Promise<string> => `
Everything is left running. Ctrl-C ends it. Alerts, now:

${(await alertStates(stage.prometheus.url)).map((line) => `  ${line}`).join('\n')}

Grafana:              ${'reason' in grafana ? `not here (${grafana.reason})` : urls.grafana}
Clusters and nodes:   ${urls.sidecar}
Prometheus:           ${urls.prometheus}${await pathOf(stage.prometheus.url, '/api/v1/query?query=up')}
Alertmanager:         ${urls.alertmanager}${await pathOf(stage.alertmanager, '/api/v2/alerts')}
The account as JSON:  ${urls.account}

In another terminal, in ${process.cwd()}:

${terminalLines(stage, urls.api, prepared.lock).join('\n\n')}
`;

/** One that was built from source answers its API only. */
const pathOf = async (url: string, api: string): Promise<string> =>
  (await fetch(url)).ok ? '' : `${api} (built here: it has no pages)`;
