import { writeFile } from 'node:fs/promises';
import { readCatalogue } from '../infra/exporters/catalogue.ts';
import { describeMonitoring } from './describe-monitoring.ts';
import { reportAndExit } from './report-and-exit.ts';
import { renderMonitoringSchema } from './monitoring-schema.ts';
import { readMonitoring } from './read-monitoring.ts';

/** `npm run config`: checks monitoring.yml and says what it means; `-- --write-schema` renews monitoring.schema.json. */
try {
  const catalogue = await readCatalogue();
  if (process.argv.includes('--write-schema')) {
    await writeFile('monitoring.schema.json', await renderMonitoringSchema(catalogue));
  }
  console.log(describeMonitoring(await readMonitoring('monitoring.yml', catalogue), catalogue));
} catch (error) {
  reportAndExit(error);
}
