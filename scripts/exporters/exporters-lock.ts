import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { ConfigError } from '../../shared/core/errors.ts';
import type { ExporterName } from '../../shared/core/model.ts';

const VERSION = /^[0-9]+\.[0-9]+\.[0-9]+$/;

const fileName = z.string().check(z.regex(/^[A-Za-z0-9._-]+$/));

/** One file of a release; `size` where a second source confirms it. */
const artifact = z.strictObject({
  file: fileName,
  size: z.optional(z.int().check(z.positive())),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});

/** By architecture (amd64, arm64), or by what they are. */
const key = z.string().check(z.regex(/^[a-z][a-z0-9]*$/));

const entry = z.strictObject({
  version: z.string().check(z.regex(VERSION)),
  /** SPDX's name of it. */
  license: z.optional(z.string()),
  /** The release page's address; of a Go module also what the Go client builds. */
  module: z.string().check(z.regex(/^github\.com\/[\w-]+\/[\w-]+$/)),
  /** The release's tag; `v` and the version, unless said. */
  tag: z.optional(z.string().check(z.regex(/^[\w.-]+$/))),
  /**
   * Where the files are when they are not beside the tag on github.com: the folder of a web server (https) with
   * {version} in it, or `npm`.
   */
  source: z.optional(z.string().check(z.regex(/^(?:npm|[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/(?:[\w.-]|\{version\})+)*)$/))),
  /** The file on the release page that has the checksums; with `{file}` in it one beside each file. sha256sums.txt, unless said. */
  checksums: z.optional(z.string().check(z.regex(/^(?:[A-Za-z0-9._-]|\{file\})+$/))),
  /**
   * One that is missing is not served: the nodes that need it answer `unsupported`; without any that would do the
   * exporter is switched off.
   */
  artifacts: z.record(key, artifact),
  /** Files of the release that no official checksum is known of yet: `npm run exporters -- lock` moves them up. */
  unlocked: z.optional(z.record(key, fileName)),
  /** Says, in a lock that is not the release's own, why. */
  origin: z.optional(z.string()),
});

export type Artifact = z.output<typeof artifact>;
export type LockedExporter = z.output<typeof entry>;
/** Which release of each exporter is installed, by checksum. */
export type ExportersLock = Readonly<Record<ExporterName, LockedExporter>>;

export const parseExportersLock = (text: string, file: string): ExportersLock => {
  const lock = parse(z.record(z.string(), entry), text, file);
  for (const [name, locked] of Object.entries(lock)) refuseOtherVersions(name, locked, file);
  return lock;
};

/** A lock in a file of its own, in a folder of the release's name. */
export interface LockFile {
  readonly name: string;
  readonly path: string;
  readonly locked: LockedExporter;
}

/** By name; paths are absolute. */
export async function readLockFiles(pattern: string, folder = root): Promise<readonly LockFile[]> {
  const files = globSync(pattern, { cwd: folder }).toSorted();
  return await Promise.all(
    files.map(async (file) => {
      const [name, path] = [basename(dirname(file)), join(folder, file)];
      const locked = parse(entry, await readFile(path, 'utf8'), file);
      refuseOtherVersions(name, locked, file);
      return { name, path, locked };
    }),
  );
}

export const EXPORTER_LOCKS = 'infra/exporters/*/exporter.lock';

/** infra/exporters/<name>/exporter.lock of every exporter that has one, or one file of all in their place. */
export async function readExportersLock(file?: string): Promise<ExportersLock> {
  if (file !== undefined) return parseExportersLock(await readFile(file, 'utf8'), file);
  return Object.fromEntries((await readLockFiles(EXPORTER_LOCKS)).map(({ name, locked }) => [name, locked]));
}

/** A release's files carry its version in their names: one that was written into the lock by hand has no files there. */
function refuseOtherVersions(name: string, { version, artifacts, unlocked = {} }: LockedExporter, file: string): void {
  const files = [...Object.values(artifacts).map((locked) => locked.file), ...Object.values(unlocked)];
  const other = files.find((found) => !found.includes(version));
  if (other === undefined) return;
  throw new ConfigError(
    `${file}: version is ${version}, but ${other} is of another: ${name} ${version} is not in the lock. ` +
      `Put the version back; npm run exporters -- lock ${name}=${version} locks it by the official checksums.`,
  );
}

function parse<T>(schema: z.ZodMiniType<T>, text: string, file: string): T {
  const parsed = schema.safeParse(json(text, file));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new ConfigError(`${file} is not a lock of exporters:\n${problems.join('\n')}`);
}

function json(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(`${file} is not JSON: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}

const root = join(import.meta.dirname, '../..');

/** Throws where the lock does not have it. */
export function lockedExporter(lock: ExportersLock, name: ExporterName): LockedExporter {
  const locked = lock[name];
  if (locked === undefined) throw new ConfigError(`${name} is in no lock`);
  return locked;
}

/** The document's parameter that takes an artifact's URL. */
export const urlParameter = (artifactName: string): string =>
  `Url${artifactName.charAt(0).toUpperCase()}${artifactName.slice(1)}`;

/** Where the artifact lies in the bucket (`artifacts/<name>/<version>/<file>`). */
export const artifactKey = (name: string, { version }: LockedExporter, { file }: Artifact): string =>
  `artifacts/${name}/${version}/${file}`;

export const releaseTag = ({ version, tag = `v${version}` }: LockedExporter): string => tag;
