import { lockFile, packageStack } from './package-stack.ts';
import { reportAndExit } from './report-and-exit.ts';

/** `npm run package -- [--stage …] [--region …] [--param name=value]`: everything of a deploy that needs no account. */
try {
  const file = lockFile(process.env);
  for (const name of await packageStack('.', file, process.argv.slice(2))) {
    const lock = file ?? `infra/exporters/${name}/exporter.lock`;
    console.error(`${name} is left out: ${lock} has no artifact of it that monitoring.yml's options can use`);
  }
  console.log('.serverless/cloudformation-template-update-stack.json and one zip per function are ready');
} catch (error) {
  reportAndExit(error);
}
