import { readFile, writeFile } from 'node:fs/promises';
import { readCatalogue } from '../../infra/exporters/catalogue.ts';
import { renderScrapeConfigs } from '../../infra/prometheus/scrape.ts';
import { renewConfigurationPage } from './configuration-page.ts';
import { describeMonitoring } from './describe-monitoring.ts';
import { parseCommand } from '../parse-command.ts';
import { refuseSwallowed } from '../place-options.ts';
import { reportAndExit } from '../report-and-exit.ts';
import { renderMonitoringSchema } from './monitoring-schema.ts';
import { renewParameterTable } from '../package/parameter-table.ts';
import { readMonitoring } from './read-monitoring.ts';
import { readStackParameters } from '../package/stack-parameters.ts';

const PAGE = 'docs/configuration.md';
const DEPLOY_PAGE = 'docs/deploy.md';
const SCRAPE = 'infra/prometheus/scrape.yml';

const USAGE = `npm run config [-- --write]

Checks monitoring.yml and says what it means.

  --write    renews what is made of it, the scrape configuration; of the exporters' folders, monitoring.schema.json and
             the exporters' rows of ${PAGE}; and the parameters of ${DEPLOY_PAGE}`;

try {
  refuseSwallowed('config', ['write'], process.env);
  const { values } = parseCommand(
    { args: process.argv.slice(2), options: { write: { type: 'boolean', default: false } } },
    USAGE,
  );
  const isWriting = values.write;
  const catalogue = await readCatalogue();
  if (isWriting) {
    await writeFile('monitoring.schema.json', await renderMonitoringSchema(catalogue));
    await writeFile(PAGE, renewConfigurationPage(await readFile(PAGE, 'utf8'), catalogue));
    await writeFile(DEPLOY_PAGE, renewParameterTable(await readFile(DEPLOY_PAGE, 'utf8'), await readStackParameters()));
  }
  const monitoring = await readMonitoring('monitoring.yml', catalogue);
  const scrape = renderScrapeConfigs(monitoring, catalogue);
  if (isWriting) await writeFile(SCRAPE, scrape);
  console.log(describeMonitoring(monitoring, catalogue));
  if ((await readFile(SCRAPE, 'utf8').catch(() => undefined)) !== scrape)
    console.log(`\n${SCRAPE} is not of this monitoring.yml: npm run config -- --write`);
} catch (error) {
  reportAndExit(error);
}
