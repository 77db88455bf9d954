import { readFile, writeFile } from 'node:fs/promises';
import { readCatalogue } from '../infra/exporters/catalogue.ts';
import { renewConfigurationPage } from './configuration-page.ts';
import { describeMonitoring } from './describe-monitoring.ts';
import { reportAndExit } from './report-and-exit.ts';
import { renderMonitoringSchema } from './monitoring-schema.ts';
import { readMonitoring } from './read-monitoring.ts';

const PAGE = 'docs/configuration.md';

/**
 * `npm run config`: checks monitoring.yml and says what it means; `-- --write` renews what is made of the exporters'
 * folders, monitoring.schema.json and the exporters' rows of docs/configuration.md.
 */
try {
  const catalogue = await readCatalogue();
  if (process.argv.includes('--write')) {
    await writeFile('monitoring.schema.json', await renderMonitoringSchema(catalogue));
    await writeFile(PAGE, renewConfigurationPage(await readFile(PAGE, 'utf8'), catalogue));
  }
  console.log(describeMonitoring(await readMonitoring('monitoring.yml', catalogue), catalogue));
} catch (error) {
  reportAndExit(error);
}
