import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { access, cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { cacheFolder } from '../cache-folder.ts';
import { lockFile, packageStack } from './package-stack.ts';

const root = join(import.meta.dirname, '../..');
const SOURCES = ['{functions,infra,scripts,shared}/**/*.*', 'serverless.yml', 'monitoring.yml', 'package-lock.json'];

/**
 * A folder with what `npm run package` makes of the sources as they stand: the template
 * (cloudformation-template-update-stack.json), `<function>.zip` and, unpacked from it, `<function>/`. Made once per
 * content and `options` (`--param …`), and safe to ask for from several processes at the same time: whoever is done
 * first wins.
 */
export async function packagedStack(
  env: Readonly<Record<string, string | undefined>>,
  options: readonly string[] = [],
): Promise<string> {
  const packages = join(cacheFolder(env), 'packages');
  const lock = lockFile(env);
  const done = join(packages, await hashOfSources(lock, options));
  if (await exists(done)) return done;
  process.stderr.write('Packaging the functions (up to half a minute)…\n');
  await mkdir(packages, { recursive: true });
  const draft = await mkdtemp(join(packages, 'draft-'));
  try {
    await cp(join(root, 'serverless.yml'), join(draft, 'serverless.yml')); // osls takes no link for it
    await symlink(join(root, 'infra'), join(draft, 'infra'));
    await packageStack(draft, lock, options);
    const packed = join(draft, '.serverless');
    for (const zip of globSync('*.zip', { cwd: packed })) await unpack(join(packed, zip));
    await rename(packed, done).catch((error: unknown) => {
      if (!isTaken(error)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return done;
}

async function unpack(zip: string): Promise<void> {
  const folder = join(dirname(zip), basename(zip, '.zip'));
  await mkdir(folder);
  const files = Object.entries(unzipSync(await readFile(zip)));
  await Promise.all(files.map(([name, content]) => writeFile(join(folder, name), content)));
}

async function hashOfSources(lock: string | undefined, options: readonly string[]): Promise<string> {
  const files = globSync(SOURCES, { cwd: root });
  const paths = files.sort().map((file) => join(root, file));
  const contents = [...paths, ...(lock === undefined ? [] : [lock])].map(async (file) => [
    file,
    await readFile(file, 'utf8'),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([await Promise.all(contents), options]))
    .digest('hex')
    .slice(0, 16);
}

/** Another process has put its own there: rename does not replace a folder that is not empty. */
const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST');

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

if (import.meta.main) console.log(await packagedStack(process.env));
