import { throwProblems } from '../all-problems.ts';
import { readNetwork } from './network-parameters.ts';
import { readDeployOptions } from '../deploy/deploy-options.ts';
import { lockFile, packageStack } from './package-stack.ts';
import { reportAndExit } from '../report-and-exit.ts';
import { chooseValues, paramOptions, readStackParameters, valuesOfStage, wrongValues } from './stack-parameters.ts';

/** `npm run package -- [--stage …] [--region …] [--param name=value]`: everything of a deploy that needs no account. */
try {
  const { place, given, problems } = readDeployOptions('package', process.argv.slice(2), process.env);
  const parameters = await readStackParameters();
  const ofStage = await valuesOfStage(place.stage);
  throwProblems([...problems, ...wrongValues(parameters, { ...ofStage, ...given }).values()]);
  const { values } = chooseValues(parameters, { given, ofStage, deployed: {} });
  readNetwork(values);
  const file = lockFile(process.env);
  const options = ['--stage', place.stage, '--region', place.region, ...paramOptions(values, ofStage)];
  for (const name of await packageStack('.', file, options)) {
    const lock = file ?? `infra/exporters/${name}/exporter.lock`;
    console.error(`${name} is left out: ${lock} has no artifact of it that monitoring.yml's options can use`);
  }
  console.log('.serverless/cloudformation-template-update-stack.json and one zip per function are ready');
} catch (error) {
  reportAndExit(error);
}
