import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readCatalogue } from '../../infra/exporters/catalogue.ts';
import { ConfigError } from '../../shared/core/errors.ts';
import { buildDocuments } from './build-documents.ts';
import { portRanges } from './build-network.ts';
import { documentResources, documentVariables } from './build-resources.ts';
import { buildSettings, installable } from './build-settings.ts';
import { readExportersLock } from '../exporters/exporters-lock.ts';
import { readMonitoring } from '../config/read-monitoring.ts';
import { runOsls } from './run-osls.ts';

const root = join(import.meta.dirname, '../..');

/** `EXPORTERS_LOCK`: one file in place of the folders' locks, for tests with releases that can be had there. */
export function lockFile(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const given = env['EXPORTERS_LOCK'];
  return given ? resolve(given) : undefined;
}

/** What this checkout would tell the functions, and run on the nodes. */
export async function settingsAndDocuments(lockPath: string | undefined) {
  const catalogue = await readCatalogue();
  const monitoring = await readMonitoring(join(root, 'monitoring.yml'), catalogue);
  const { lock, unlocked } = installable(await readExportersLock(lockPath), monitoring, catalogue);
  const documents = await buildDocuments(lock);
  return { settings: buildSettings({ monitoring, catalogue, documents, lock }), monitoring, documents, unlocked };
}

interface Generated {
  /** What serverless.yml and its plugin include, by path below the service's folder. */
  readonly files: ReadonlyMap<string, string>;
  /** Exporters that monitoring.yml wants and the lock lacks. */
  readonly unlocked: readonly string[];
}

async function generatedFiles(lockPath: string | undefined): Promise<Generated> {
  const { settings, monitoring, documents, unlocked } = await settingsAndDocuments(lockPath);
  const files = new Map([
    ['build/settings.json', toText(settings)],
    ['build/documents.json', toText(documentResources(documents))],
    ['build/environment.json', toText(documentVariables(documents))],
    ['build/ports.json', toText(portRanges(monitoring))],
  ]);
  return { files, unlocked };
}

const toText = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** Somebody may run `osls package` alone: settings and documents of another day must not go out with today's code. */
export async function refuseStaleFiles(serviceDir: string): Promise<void> {
  for (const [file, text] of (await generatedFiles(lockFile(process.env))).files) {
    const found = await readFile(join(serviceDir, file), 'utf8');
    if (found !== text) throw new ConfigError(`${file} is older than what it is made from; run npm run package first`);
  }
}

/**
 * Runs osls offline; leaves the template and one zip per function in `.serverless` below `serviceDir`. Answers which
 * exporters are left out, for the lock has no artifact of them.
 */
export async function packageStack(
  serviceDir: string,
  lockPath: string | undefined,
  options: readonly string[],
): Promise<readonly string[]> {
  const { files, unlocked } = await generatedFiles(lockPath);
  for (const [file, text] of files) {
    await mkdir(dirname(join(serviceDir, file)), { recursive: true });
    await writeFile(join(serviceDir, file), text);
  }
  const env = { ...process.env, EXPORTERS_LOCK: lockPath ?? '' };
  await runOsls(['package', ...options], { cwd: serviceDir, env });
  return unlocked;
}
