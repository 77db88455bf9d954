import { join } from 'node:path';
import { readCatalogue } from '../../infra/exporters/catalogue.ts';
import { allOrProblems, attempt, throwProblems } from '../all-problems.ts';
import { artifactBucket } from '../aws/artifact-bucket.ts';
import { whoAmI } from '../aws/identity.ts';
import { findStack, stackName } from '../aws/stack.ts';
import { cacheFolder } from '../cache-folder.ts';
import { contentBucket } from '../aws/content-bucket.ts';
import { checkedContent } from '../content/content.ts';
import { publishContent } from '../content/publish-content.ts';
import { checkAccount } from './check-account.ts';
import { readDeployOptions } from './deploy-options.ts';
import { deployStack, PACKAGE } from './deploy-stack.ts';
import { deploySummary } from './deploy-summary.ts';
import { fetchAll, releasesFolder } from '../exporters/fetch-releases.ts';
import { lockForDeploy, wantedArtifacts } from './lock-for-deploy.ts';
import { refuseOslsCredentials } from '../package/osls-credentials.ts';
import { lockFile, packageStack } from '../package/package-stack.ts';
import type { Env } from '../place-options.ts';
import { progressLines } from '../progress-lines.ts';
import { publishArtifacts } from './publish-artifacts.ts';
import { readMonitoring } from '../config/read-monitoring.ts';
import { reportAndExit } from '../report-and-exit.ts';
import {
  chooseValues,
  paramOptions,
  readStackParameters,
  valuesOfStage,
  wrongValues,
} from '../package/stack-parameters.ts';
import { checkDeployable } from '../stack-status.ts';
import { type Say, step } from '../step.ts';

const root = join(import.meta.dirname, '../..');

/** Everything of a deploy; `print` gets the summary, `say` what is going on. */
export async function deployCommand(args: readonly string[], env: Env, print: Say, say: Say): Promise<void> {
  const { place, given, problems } = readDeployOptions('deploy', args, env);
  const { stage, region } = place;
  say(`Deploying ${stackName(place)} to ${region}`);

  const checked = await step('Configuration', say, async () => {
    const catalogue = await readCatalogue();
    const parameters = await readStackParameters();
    const ofStage = await valuesOfStage(stage);
    const wrong = wrongValues(parameters, { ...ofStage, ...given });
    const [, , monitoring, content] = await allOrProblems(
      attempt(() => throwProblems([...problems, ...wrong.values()])),
      attempt(() => refuseOslsCredentials(stage, env)),
      readMonitoring(join(root, 'monitoring.yml'), catalogue),
      checkedContent(env, say),
    );
    return { catalogue, monitoring, parameters, ofStage, content };
  });

  const { before, identity, values } = await step('Account', say, async () => {
    const who = await whoAmI(place);
    say(`  account ${who.accountId}, as ${who.arn}`);
    const deployed = await findStack(place);
    checkDeployable(deployed, place);
    const { parameters, ofStage } = checked;
    const chosen = chooseValues(parameters, { given, ofStage, deployed: deployed?.parameters ?? {} });
    for (const name of chosen.kept) say(`  ${name} stays ${chosen.values[name]}, as it is deployed`);
    await checkAccount({
      place,
      identity: who,
      before: deployed,
      values: chosen.values,
      monitoring: checked.monitoring,
      say,
    });
    return { before: deployed, identity: who, values: chosen.values };
  });

  const onProgress = progressLines(process.stderr);
  const folder = releasesFolder(cacheFolder(env));
  const lockPath = lockFile(env);
  const releases = await step('Artifacts', say, async () => {
    const wanted = wantedArtifacts(checked.monitoring, checked.catalogue);
    const locked = await lockForDeploy({ lockPath, wanted, say: (line) => say(`  ${line}`) });
    await fetchAll(locked, folder, { env, onProgress });
    return locked;
  });
  const publish = async (bucket: string) =>
    await step('Publish', say, async () => {
      for (const { key, done } of await publishArtifacts(releases, folder, artifactBucket(place, bucket), {
        onProgress,
      }))
        say(`  ${key} ${done === 'there' ? 'is there' : 'uploaded'}`);
    });

  const options = ['--stage', stage, '--region', region, ...paramOptions(values, checked.ofStage)];
  await step('Package', say, () => packageStack(root, lockPath, ['--package', PACKAGE, ...options]));
  // Functions that want an artifact before it is there would let nodes wait for it.
  const known = before?.outputs['BucketName'] ?? values['existingBucket'];
  if (known) await publish(known);
  const stack = await step('Stack', say, () => deployStack({ place, before, options, serviceDir: root, env, say }));
  const bucket = stack.outputs['BucketName'] ?? '';
  if (bucket !== known) await publish(bucket);
  await step('Content', say, () =>
    publishContent(checked.content, contentBucket(place, bucket), values['runbookUrl'] ?? ''),
  );
  print(deploySummary({ place, identity, stack, values }));
}

if (import.meta.main) {
  try {
    await deployCommand(process.argv.slice(2), process.env, console.log, console.error);
  } catch (error) {
    reportAndExit(error);
  }
}
