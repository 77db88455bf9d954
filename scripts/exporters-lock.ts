import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { ConfigError } from '../shared/core/errors.ts';

/** One file of a release; `size` where a second source confirms it. */
const artifact = z.strictObject({
  file: z.string().check(z.regex(/^[A-Za-z0-9._-]+$/)),
  size: z.optional(z.int().check(z.positive())),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});

const lockedExporter = z.strictObject({
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

const exportersLock = z.catchall(z.object({ node: lockedExporter }), lockedExporter);

export type Artifact = z.output<typeof artifact>;
export type LockedExporter = z.output<typeof lockedExporter>;
/** infra/exporters.lock: which release of each exporter is installed, by checksum. */
export type ExportersLock = z.output<typeof exportersLock>;

export function parseExportersLock(text: string, file: string): ExportersLock {
  const parsed = exportersLock.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new ConfigError(`${file} is not a lock of exporters:\n${problems.join('\n')}`);
}

export const readExportersLock = async (file: string): Promise<ExportersLock> =>
  parseExportersLock(await readFile(file, 'utf8'), file);

/** The document's parameter that takes an artifact's URL. */
export const urlParameter = (artifactName: string): string =>
  `Url${artifactName.charAt(0).toUpperCase()}${artifactName.slice(1)}`;

/** Where the artifact lies in the bucket (`artifacts/<name>/<version>/<file>`). */
export const artifactKey = (name: string, { version }: LockedExporter, { file }: Artifact): string =>
  `artifacts/${name}/${version}/${file}`;
