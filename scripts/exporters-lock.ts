import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { ConfigError } from '../shared/core/errors.ts';
import type { ExporterName } from '../shared/core/model.ts';

/** One file of a release; `size` where a second source confirms it. */
const artifact = z.strictObject({
  file: z.string().check(z.regex(/^[A-Za-z0-9._-]+$/)),
  size: z.optional(z.int().check(z.positive())),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});

const entry = z.strictObject({
  version: z.string().check(z.regex(/^[0-9]+\.[0-9]+\.[0-9]+$/)),
  /** The release page's address; of a Go module also what the Go client builds. */
  module: z.string().check(z.regex(/^github\.com\/[\w-]+\/[\w-]+$/)),
  /** The release's tag; `v` and the version, unless said. */
  tag: z.optional(z.string().check(z.regex(/^[\w.-]+$/))),
  /**
   * By architecture (amd64, arm64), or by what they are. One that is missing is not served: the nodes that need it answer
   * `unsupported`; without any that would do the exporter is switched off.
   */
  artifacts: z.record(z.string().check(z.regex(/^[a-z][a-z0-9]*$/)), artifact),
  /** Says, in a lock that is not the release's own, why. */
  origin: z.optional(z.string()),
});

export type Artifact = z.output<typeof artifact>;
export type LockedExporter = z.output<typeof entry>;
/** Which release of each exporter is installed, by checksum. */
export type ExportersLock = Readonly<Record<ExporterName, LockedExporter>>;

export const parseExportersLock = (text: string, file: string): ExportersLock =>
  parse(z.record(z.string(), entry), text, file);

/** infra/exporters/<name>/exporter.lock of every exporter that has one, or one file of all in their place. */
export async function readExportersLock(file?: string): Promise<ExportersLock> {
  if (file !== undefined) return parseExportersLock(await readFile(file, 'utf8'), file);
  const files = globSync('infra/exporters/*/exporter.lock', { cwd: root }).toSorted();
  const locked = files.map(async (path) => {
    const text = await readFile(join(root, path), 'utf8');
    return [dirname(path).replace(/.*\//, ''), parse(entry, text, path)] as const;
  });
  return Object.fromEntries(await Promise.all(locked));
}

function parse<T>(schema: z.ZodMiniType<T>, text: string, file: string): T {
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new ConfigError(`${file} is not a lock of exporters:\n${problems.join('\n')}`);
}

const root = join(import.meta.dirname, '..');

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
