import { createHash } from 'node:crypto';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  type ContentFile,
  type ContentManifest,
  MANIFEST,
  parseManifest,
  renderManifest,
} from '../../shared/core/content.ts';
import { onDisk, present } from '../target-folder.ts';

/** A whole set in a folder of its own. */
export interface ContentSet {
  readonly folder: string;
  /** Undefined: nothing was published yet, or it is not what it was. */
  readonly hash: string | undefined;
  readonly files: readonly ContentFile[];
}

/**
 * sets/<…>  whole sets, and drafts
 * current   what Prometheus and Grafana read
 * loaded    what Prometheus has taken over last: the set to go back to
 *
 * Both are links that are replaced by renaming: readers see one set or the other.
 */
export interface ContentFolder {
  /** Goes back to the loaded set, and answers it; `unsure`: Prometheus may have read another one. */
  prepare(): Promise<{ readonly set: ContentSet; readonly unsure: boolean }>;
  /** A draft of a set, with what the loaded one has of it already. */
  begin(manifest: ContentManifest, loaded: ContentSet): Promise<Draft>;
  /** Prometheus and Grafana read this one from now on. */
  use(set: ContentSet): Promise<void>;
  confirm(set: ContentSet): Promise<void>;
  /** Removes what is neither current nor loaded. */
  prune(): Promise<void>;
}

interface Draft {
  readonly set: ContentSet;
  readonly missing: readonly ContentFile[];
  add(path: string, body: Uint8Array): Promise<void>;
}

export const sha256 = (body: Uint8Array | string): string => createHash('sha256').update(body).digest('hex');
export const hashOf = (manifest: ContentManifest): string => sha256(renderManifest(manifest));

const FOLDERS = ['rules', 'dashboards'] as const;

export function contentFolder(home: string): ContentFolder {
  const sets = join(home, 'sets');
  const none = join(sets, 'none');
  const target = async (name: 'current' | 'loaded'): Promise<string | undefined> => {
    const to = await present(readlink(join(home, name)));
    return to === undefined ? undefined : join(sets, basename(to));
  };
  const point = async (name: 'current' | 'loaded', folder: string): Promise<void> => {
    const draft = join(home, `${name}.new`);
    await rm(draft, { force: true });
    await symlink(join('sets', basename(folder)), draft);
    await rename(draft, join(home, name));
  };
  async function prune(): Promise<void> {
    const used = new Set([await target('current'), await target('loaded'), none]);
    for (const name of (await present(readdir(sets))) ?? [])
      if (!used.has(join(sets, name))) await rm(join(sets, name), { recursive: true, force: true });
  }
  return {
    prepare: () =>
      onDisk(async () => {
        for (const folder of FOLDERS) await mkdir(join(none, folder), { recursive: true });
        const loaded = (await target('loaded')) ?? none;
        const folder = (await present(readdir(loaded))) === undefined ? none : loaded;
        const current = await target('current');
        if (current !== folder) await point('current', folder);
        if (loaded !== folder || current === undefined) await point('loaded', folder);
        await prune();
        return { set: await readSet(folder), unsure: current !== undefined && current !== folder };
      }),
    begin: (manifest, loaded) =>
      onDisk(async () => {
        const hash = hashOf(manifest);
        const folder = await mkdtemp(join(sets, `${hash.slice(0, 12)}-`));
        await chmod(folder, 0o755); // mkdtemp makes it 0700; Prometheus and Grafana are other users.
        for (const name of FOLDERS) await mkdir(join(folder, name));
        await writeFile(join(folder, MANIFEST), renderManifest(manifest), { flush: true });
        const missing: ContentFile[] = [];
        for (const file of manifest.files) {
          const before = await present(readFile(join(loaded.folder, file.path)));
          if (before !== undefined && sha256(before) === file.sha256)
            await link(join(loaded.folder, file.path), join(folder, file.path));
          else missing.push(file);
        }
        return {
          set: { folder, hash, files: manifest.files },
          missing,
          add: (path, body) => onDisk(() => writeFile(join(folder, path), body, { flush: true, mode: 0o644 })),
        };
      }),
    use: ({ folder }) => onDisk(() => point('current', folder)),
    confirm: ({ folder }) => onDisk(() => point('loaded', folder)),
    prune: () => onDisk(prune),
  };
}

/** Without a hash when a byte is not as it was published: a disk that was cut off, or a hand. */
async function readSet(folder: string): Promise<ContentSet> {
  const text = await present(readFile(join(folder, MANIFEST), 'utf8'));
  if (text === undefined) return { folder, hash: undefined, files: [] };
  try {
    const manifest = parseManifest(text);
    for (const { path, sha256: sum } of manifest.files)
      if (sha256(await readFile(join(folder, path))) !== sum) return { folder, hash: undefined, files: manifest.files };
    return { folder, hash: hashOf(manifest), files: manifest.files };
  } catch {
    return { folder, hash: undefined, files: [] };
  }
}
