import { ConfigError } from '../../shared/core/errors.ts';
import { artifactBucket, type ArtifactBucket } from '../aws/artifact-bucket.ts';
import { cacheFolder } from '../cache-folder.ts';
import { bucketOf } from '../deployed-stack.ts';
import { readExportersOptions, type ExportersOptions } from './exporters-options.ts';
import { renderReleases } from './exporters-table.ts';
import type { FetchOptions } from './fetch-artifact.ts';
import { fetchAll, releasesFolder, verifyFolder, type Verdict } from './fetch-releases.ts';
import { lockMissing, lockVersion } from './lock-releases.ts';
import { lockFile } from '../package/package-stack.ts';
import { progressLines } from '../progress-lines.ts';
import { publishArtifacts, verifyBucket } from '../deploy/publish-artifacts.ts';
import { lockName, named, readReleases, unlockedOf, type Release } from './releases.ts';
import { reportAndExit } from '../report-and-exit.ts';

interface Surroundings extends FetchOptions {
  readonly print: (line: string) => void;
  /** Of the checkout; this one, unless said. */
  readonly root?: string;
}

interface Run extends Surroundings {
  readonly options: ExportersOptions;
  readonly releases: readonly Release[];
  readonly folder: string;
}

/** `npm run exporters -- …`; answers the exit code. */
export async function exportersCommand(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { env, root } = surroundings;
  const options = readExportersOptions(args, env);
  const releases = named(await readReleases(lockFile(env), root), options.names);
  const run = { ...surroundings, options, releases, folder: releasesFolder(cacheFolder(env)) };
  switch (options.command) {
    case 'list':
      run.print(renderReleases(releases));
      return 0;
    case 'lock':
      return await lock(run);
    case 'fetch':
      await fetchLocked(run);
      return 0;
    case 'verify':
      return await verify(run);
    case 'publish':
      return await publish(run);
    default:
      return options.command satisfies never;
  }
}

async function lock({ options: { versions }, releases, print, ...rest }: Run): Promise<number> {
  if (lockFile(rest.env) !== undefined) throw new ConfigError('EXPORTERS_LOCK is for tests: unset it to lock');
  const isOther = ({ name, locked }: Release): boolean => (versions.get(name) ?? locked.version) !== locked.version;
  const same = releases.filter((release) => !isOther(release));
  const reports = [await lockMissing(same, { ...rest, compare: true })];
  for (const release of releases.filter(isOther)) {
    reports.push(await lockVersion(release, versions.get(release.name) ?? '', rest));
  }
  const locked = reports.flatMap((report) => report.locked);
  const unlocked = reports.flatMap((report) => report.unlocked);
  const uncompared = reports.flatMap((report) => report.uncompared);
  for (const { file, sha256, path } of locked) print(`${file} is locked: ${sha256}; commit ${lockName({ path })}`);
  for (const { file, reason, path } of unlocked) print(`${file} stays unlocked (${lockName({ path })}): ${reason}`);
  for (const { file, reason } of uncompared) print(`${file} stays locked, and was not compared: ${reason}`);
  if (unlocked.length === 0) print('everything is locked');
  return unlocked.length === 0 ? 0 : 1;
}

async function fetchLocked({ releases, folder, print, ...rest }: Run): Promise<void> {
  sayUnlocked(releases, print);
  await fetchAll(releases, folder, rest);
  print(`every locked file is in ${folder}`);
}

async function verify({ options, releases, folder, print }: Run): Promise<number> {
  const verdicts = [...(await verifyFolder(releases, folder))];
  if (options.isBucketKnown) verdicts.push(...(await verifyBucket(releases, await bucketFor(options))));
  else print('the bucket was not looked at: name --stage or --bucket');
  for (const verdict of verdicts) print(inWords(verdict));
  sayUnlocked(releases, print);
  return verdicts.some(({ fault }) => fault !== undefined) ? 1 : 0;
}

const inWords = ({ file, at, fault }: Verdict): string =>
  fault === undefined ? `ok    ${file}: ${at}` : `WRONG ${file}: ${at}: ${fault}`;

async function publish({ options, releases, folder, print, ...rest }: Run): Promise<number> {
  const bucket = await bucketFor(options);
  await bucket.check();
  sayUnlocked(releases, print);
  await fetchAll(releases, folder, rest);
  for (const { key, done } of await publishArtifacts(releases, folder, bucket, rest)) {
    print(`s3://${bucket.name}/${key}: ${done === 'there' ? 'was there' : 'uploaded'}`);
  }
  return 0;
}

const bucketFor = async ({ bucket, place }: ExportersOptions): Promise<ArtifactBucket> =>
  artifactBucket(place, bucket ?? (await bucketOf(place)));

function sayUnlocked(releases: readonly Release[], print: Surroundings['print']): void {
  for (const release of releases) {
    for (const [, file] of unlockedOf(release.locked)) {
      print(`${file} is left out: it is not locked (npm run exporters -- lock ${release.name})`);
    }
  }
}

if (import.meta.main) {
  try {
    const onProgress = progressLines(process.stderr);
    const surroundings = { env: process.env, print: console.log, onProgress };
    process.exitCode = await exportersCommand(process.argv.slice(2), surroundings);
  } catch (error) {
    reportAndExit(error);
  }
}
