import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { allOrProblems, attempt, throwProblems } from '../all-problems.ts';
import { artifactBucket } from '../aws/artifact-bucket.ts';
import { hostStackName } from '../aws/stack.ts';
import { cacheFolder } from '../cache-folder.ts';
import { readDeployOptions } from '../deploy/deploy-options.ts';
import { publishArtifacts } from '../deploy/publish-artifacts.ts';
import { fetchAll, releasesFolder } from '../exporters/fetch-releases.ts';
import { readReleases, type Release } from '../exporters/releases.ts';
import { wrongValues } from '../package/stack-parameters.ts';
import type { Env } from '../place-options.ts';
import { progressLines } from '../progress-lines.ts';
import { reportAndExit } from '../report-and-exit.ts';
import { type Say, step } from '../step.ts';
import { growData } from './grow-data.ts';
import { bundleKey, bundleRelease, hostReleases, packHostBundle, writeHostBundle } from './host-bundle.ts';
import { ARCH, lockForHost } from './lock-for-host.ts';
import { hostParameters, PAGE, readHostTemplate } from './host-template.ts';
import { hostSummary } from './host-summary.ts';
import { lookAtAccount } from './look-at-account.ts';
import { putHost } from './put-host.ts';

const ROOT = join(import.meta.dirname, '../..');
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
  const { place, given, problems, isPlaceWrong } = readDeployOptions('deploy:host', args, env, PAGE);
  const name = hostStackName(place);
  const template = await readHostTemplate();
  const wrong = wrongValues(hostParameters(template, ''), given, PAGE);
  const known = [...problems, ...wrong.values()];
  if (isPlaceWrong) throwProblems(known);
  say(`Deploying ${name} to ${place.region}`);

  const { before, main, values, wantedGiB, volume } = await step('Account', say, async () => {
    // What the account says is told with what is wrong whatever it says.
    const right = Object.fromEntries(Object.entries(given).filter(([key]) => !wrong.has(key)));
    const look = lookAtAccount({ place, template, given: right, wrong: new Set(wrong.keys()), say });
    const [, found] = await allOrProblems(
      attempt(() => throwProblems(known)),
      look,
    );
    return found;
  });

  const volumeGiB = volume && (await growData({ place, volume, wantedGiB, say }));
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
  };
  const stack = await step('Stack', say, () => putHost({ place, name, before, template, parameters, say }));
  print(hostSummary({ place, stack, main, volumeGiB: volumeGiB ?? Number(values['VolumeGiB']) }));
}

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
