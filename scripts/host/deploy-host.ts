import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConfigError } from '../../shared/core/errors.ts';
import { artifactBucket } from '../aws/artifact-bucket.ts';
import { whoAmI } from '../aws/identity.ts';
import { notDeployed } from '../aws/in-words.ts';
import { type DeployedStack, findStack, hostStackName } from '../aws/stack.ts';
import { cacheFolder } from '../cache-folder.ts';
import { readDeployOptions } from '../deploy/deploy-options.ts';
import { publishArtifacts } from '../deploy/publish-artifacts.ts';
import { fetchAll, releasesFolder } from '../exporters/fetch-releases.ts';
import { readReleases, type Release } from '../exporters/releases.ts';
import { checkValues, chooseValues } from '../package/stack-parameters.ts';
import type { Env, Place } from '../place-options.ts';
import { progressLines } from '../progress-lines.ts';
import { reportAndExit } from '../report-and-exit.ts';
import { checkDeployable } from '../stack-status.ts';
import { type Say, step } from '../step.ts';
import { checkHost } from './check-host.ts';
import { growData } from './grow-data.ts';
import { bundleKey, bundleRelease, hostReleases, packHostBundle, writeHostBundle } from './host-bundle.ts';
import { ARCH, lockForHost } from './lock-for-host.ts';
import { checkRanges, hostParameters, readHostTemplate, type HostParameter } from './host-template.ts';
import { hostSummary } from './host-summary.ts';
import { putHost } from './put-host.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = 'docs/host.md';

interface Terminal {
  readonly env: Env;
  /** Gets the summary. */
  readonly print: Say;
  /** What is going on. */
  readonly say: Say;
  /** Of the checkout; this one, unless said. */
  readonly root?: string;
}

/** Everything of `npm run deploy:host`. */
export async function deployHostCommand(
  args: readonly string[],
  { env, print, say, root = ROOT }: Terminal,
): Promise<void> {
  const { place, given } = readDeployOptions('deploy:host', args, env, PAGE);
  const name = hostStackName(place);
  say(`Deploying ${name} to ${place.region}`);

  const { before, main, values, wantedGiB, found, template } = await step('Account', say, async () => {
    const text = await readHostTemplate();
    checkValues(hostParameters(text, ''), given, PAGE);
    checkRanges(text, given);
    const who = await whoAmI(place);
    say(`  account ${who.accountId}, as ${who.arn}`);
    const watched = await findMain(place);
    const deployed = await findStack(place, name);
    checkDeployable(deployed, place, `aws cloudformation delete-stack --stack-name ${name} --region ${place.region}`);
    const parameters = hostParameters(text, watched.parameters['AlarmTopic'] ?? '');
    const { VolumeGiB: madeGiB, ...kept } = deployed?.parameters ?? {};
    const chosen = chooseValues(parameters, { given, ofStage: {}, deployed: kept });
    checkValues(parameters, withoutEmpty(chosen.values), PAGE);
    for (const one of chosen.kept) say(`  ${one} stays ${chosen.values[one]}, as it is deployed`);
    const wanted = chosen.values as Readonly<Record<HostParameter, string>>;
    const size = given['volumeGiB'] === undefined ? undefined : Number(given['volumeGiB']);
    const there = await checkHost({ place, identity: who, before: deployed, values: wanted, wantedGiB: size, say });
    const asParameters = Object.fromEntries(parameters.map(({ id, name: key }) => [id, chosen.values[key] ?? '']));
    // In the stack it stays what the volume was made with: growData.
    const stackValues = madeGiB === undefined ? asParameters : { ...asParameters, VolumeGiB: madeGiB };
    return { before: deployed, main: watched, values: stackValues, wantedGiB: size, found: there, template: text };
  });

  const volumeGiB = found.volume && (await growData({ place, volume: found.volume, wantedGiB, say }));
  const bucket = main.outputs['BucketName'] ?? '';
  const folder = releasesFolder(cacheFolder(env));
  const onProgress = progressLines(process.stderr);
  const releases = await step('Artifacts', say, async () => {
    const locked = await lockForHost(await readReleases(undefined, root), { env, say });
    await fetchAll(locked, folder, { env, onProgress });
    return locked;
  });
  const bundle = await step('Package', say, () => makeBundle(releases, folder, root));
  await step('Publish', say, async () => {
    const published = await publishArtifacts([...releases, bundle], folder, artifactBucket(place, bucket), {
      onProgress,
    });
    for (const { key, done } of published) say(`  ${key} ${done === 'there' ? 'is there' : 'uploaded'}`);
  });
  const { all: archive } = bundle.locked.artifacts;
  const parameters = {
    ...values,
    Stage: place.stage,
    RunbookUrl: main.parameters['RunbookUrl'] ?? 'docs/runbooks',
    Bucket: bucket,
    SidecarPolicyArn: main.outputs['SidecarPolicyArn'] ?? '',
    BundleVersion: bundle.locked.version,
    BundleSha256: archive?.sha256 ?? '',
    VpcId: found.subnet.vpcId,
    AvailabilityZone: found.subnet.zone,
  };
  const stack = await step('Stack', say, () => putHost({ place, name, before, template, parameters, say }));
  print(hostSummary({ place, stack, main, volumeGiB: volumeGiB ?? Number(values['VolumeGiB']) }));
}

/** The deployment whose clusters it will watch. */
async function findMain(place: Place): Promise<DeployedStack> {
  const main = await findStack(place);
  if (main === undefined) throw new ConfigError(notDeployed(place));
  const missing = ['BucketName', 'SidecarPolicyArn'].filter((output) => main.outputs[output] === undefined);
  if (missing.length === 0) return main;
  const deploy = `npm run deploy -- --stage ${place.stage} --region ${place.region}`;
  throw new ConfigError(
    `the stack ${main.name} (${main.status}) has no output ${missing.join(', ')}: ${deploy}, then again`,
  );
}

/** CloudFormation takes an empty value for those that may be. `subnet` is asked for by name. */
const withoutEmpty = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));

/** Into the folder of releases, as one of them. */
async function makeBundle(releases: readonly Release[], folder: string, root: string): Promise<Release> {
  const work = await mkdtemp(join(tmpdir(), 'host-'));
  try {
    await writeHostBundle(join(work, 'host'), hostReleases(releases, ARCH), root);
    const bytes = await packHostBundle(join(work, 'host'));
    const bundle = bundleRelease(bytes);
    const path = join(folder, bundleKey(bundle));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    return bundle;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  try {
    await deployHostCommand(process.argv.slice(2), { env: process.env, print: console.log, say: console.error });
  } catch (error) {
    reportAndExit(error);
  }
}
