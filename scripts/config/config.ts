import { readFile, writeFile } from 'node:fs/promises';
import { readCatalogue } from '../../infra/exporters/catalogue.ts';
import { renewConfigurationPage } from './configuration-page.ts';
import { describeMonitoring } from './describe-monitoring.ts';
import { reportAndExit } from '../report-and-exit.ts';
import { renderMonitoringSchema } from './monitoring-schema.ts';
import { renewParameterTable } from '../package/parameter-table.ts';
import { readMonitoring } from './read-monitoring.ts';
import { readStackParameters } from '../package/stack-parameters.ts';

const PAGE = 'docs/configuration.md';
const DEPLOY_PAGE = 'docs/deploy.md';

/**
 * `npm run config`: checks monitoring.yml and says what it means; `-- --write` renews what is made of the exporters'
 * folders, monitoring.schema.json and the exporters' rows of docs/configuration.md, and the parameters of docs/deploy.md.
 */
try {
  const catalogue = await readCatalogue();
  if (process.argv.includes('--write')) {
    await writeFile('monitoring.schema.json', await renderMonitoringSchema(catalogue));
    await writeFile(PAGE, renewConfigurationPage(await readFile(PAGE, 'utf8'), catalogue));
    await writeFile(DEPLOY_PAGE, renewParameterTable(await readFile(DEPLOY_PAGE, 'utf8'), await readStackParameters()));
  }
  console.log(describeMonitoring(await readMonitoring('monitoring.yml', catalogue), catalogue));
} catch (error) {
  reportAndExit(error);
}
