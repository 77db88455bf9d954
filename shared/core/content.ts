import * as z from 'zod/mini';
import { UnreadableError } from './errors.ts';

/** What the Prometheus host loads, as the bucket has it: each file by its sum, and the manifest, written last. */
export const CONTENT_PREFIX = 'content/';
export const MANIFEST = 'manifest.json';
export const PRICES = 'prices.csv';
const CONTENT_SCHEMA = 1;

/** The largest dashboard of ours has some 200 kB; each limit bounds what a host reads and keeps. */
export const MAX_CONTENT_FILE = 2 * 1024 * 1024;
export const MAX_CONTENT_FILES = 500;
export const MAX_CONTENT_BYTES = 32 * 1024 * 1024;

/**
 * One of the two folders and a plain file name, or the price file: nothing that could lead out of a folder. Rules end in
 * `.yml`, for Prometheus reads no others (infra/prometheus/prometheus.yml).
 */
export const CONTENT_PATH =
  /^(?:rules\/[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.yml|dashboards\/[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.json|prices\.csv)$/;

/** What Grafana takes as a dashboard's uid. */
export const DASHBOARD_UID = /^[A-Za-z0-9_-]{1,40}$/;

const file = z.object({
  path: z.string().check(z.regex(CONTENT_PATH, 'rules/<name>.yml, dashboards/<name>.json or prices.csv expected')),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits expected')),
  size: z.int().check(z.nonnegative(), z.maximum(MAX_CONTENT_FILE, `at most ${MAX_CONTENT_FILE} bytes expected`)),
});

const manifest = z.object({
  schema: z.literal(CONTENT_SCHEMA, `${CONTENT_SCHEMA} expected: bring the sidecar up to date`),
  files: z.array(file).check(z.maxLength(MAX_CONTENT_FILES, `at most ${MAX_CONTENT_FILES} files expected`)),
});

export type ContentFile = Readonly<z.output<typeof file>>;

/** The files of a whole set, sorted by path. */
export interface ContentManifest {
  readonly files: readonly ContentFile[];
}

/** What a manifest names stays as it was, whoever publishes what after it: a new host always finds a whole set. */
export const contentKey = ({ path, sha256 }: Pick<ContentFile, 'path' | 'sha256'>): string =>
  `${CONTENT_PREFIX}${sha256}/${path}`;

/** Same files, same bytes. */
export const renderManifest = ({ files }: ContentManifest): string =>
  `${JSON.stringify({ schema: CONTENT_SCHEMA, files: sorted(files).map(({ path, sha256, size }) => ({ path, sha256, size })) }, null, 2)}\n`;

/** Throws an UnreadableError that names the first thing that is wrong by its place. */
export function parseManifest(text: string): ContentManifest {
  const { data, error } = manifest.safeParse(fromJson(text));
  if (data === undefined) {
    const [first] = error.issues;
    throw new UnreadableError(`not a manifest: [${first?.path.join('.')}] ${first?.message}`);
  }
  const files = sorted(data.files);
  const twice = files.find(({ path }, index) => path === files[index - 1]?.path);
  if (twice !== undefined) throw new UnreadableError(`not a manifest: ${twice.path} is named twice`);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_CONTENT_BYTES)
    throw new UnreadableError(`not a manifest: ${bytes} bytes in all; at most ${MAX_CONTENT_BYTES} expected`);
  return { files };
}

const sorted = (files: readonly ContentFile[]): readonly ContentFile[] =>
  files.toSorted((a, b) => (a.path < b.path ? -1 : 1));

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UnreadableError(`not a manifest: not JSON (${text.length} characters)`, { cause });
  }
}
