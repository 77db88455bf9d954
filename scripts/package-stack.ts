import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { catalogue } from '../infra/exporters/catalogue.ts';
import { ConfigError } from '../shared/core/errors.ts';
import { buildDocuments } from './build-documents.ts';
import { documentResources } from './build-resources.ts';
import { buildSettings } from './build-settings.ts';
import { readExportersLock } from './exporters-lock.ts';
import { readMonitoring } from './read-monitoring.ts';

const root = join(import.meta.dirname, '..');
const osls = createRequire(import.meta.url).resolve('osls/bin/serverless.js');

/** `EXPORTERS_LOCK`: another lock, for tests with an exporter that can be had where the release cannot. */
export const lockFile = (env: Readonly<Record<string, string | undefined>>): string =>
  env['EXPORTERS_LOCK'] || join(root, 'infra/exporters.lock');

/** Writes what serverless.yml includes: `build/settings.json` and `build/documents.json` below `serviceDir`. */
export async function prepareStack(serviceDir: string, lockPath: string): Promise<void> {
  const monitoring = await readMonitoring(join(root, 'monitoring.yml'), catalogue);
  const lock = await readExportersLock(lockPath);
  const documents = await buildDocuments(lock);
  const settings = buildSettings({ monitoring, catalogue, documents, lock });
  const folder = join(serviceDir, 'build');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'settings.json'), `${JSON.stringify(settings, null, 2)}\n`);
  await writeFile(join(folder, 'documents.json'), `${JSON.stringify(documentResources(documents), null, 2)}\n`);
}

/** Runs osls offline; leaves the template and one zip per function in `.serverless` below `serviceDir`. */
export async function packageStack(serviceDir: string, lockPath: string, options: readonly string[]): Promise<void> {
  await prepareStack(serviceDir, lockPath);
  await promisify(execFile)(process.execPath, [osls, 'package', ...options], { cwd: serviceDir }).catch(
    (cause: unknown) => {
      // osls says on stdout what is wrong, stage, parameter or file.
      const said = cause instanceof Error && 'stdout' in cause ? String(cause.stdout).trim() : String(cause);
      throw new ConfigError(`osls package: ${said}`, { cause });
    },
  );
}
