import { mkdir, readdir, readFile, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../shared/core/errors.ts';
import type { ClusterId } from '../shared/core/model.ts';
import { replaceFile } from './replace-file.ts';

/** The local disk refused: full, read-only, not ours. Every file would meet the same, so it ends the pass. */
export class FolderError extends AppError {
  override readonly name = 'FolderError';
  readonly retryable = true;
}

/** Our files on disk. They are the sidecar's memory: it starts from what is there. */
export interface TargetFolder {
  /** Creates what is missing and clears away what a killed run left. */
  prepare(): Promise<void>;
  list(): Promise<ReadonlySet<ClusterId>>;
  read(id: ClusterId): Promise<Buffer | undefined>;
  isSame(id: ClusterId, body: Uint8Array): Promise<boolean>;
  /** False when the file had these bytes already: Prometheus reads everything again at each change. */
  replace(id: ClusterId, body: Uint8Array): Promise<boolean>;
  /** False when there was nothing to remove. */
  remove(id: ClusterId): Promise<boolean>;
  /** Clusters whose files are kept until somebody says otherwise: outlives a restart. */
  readKept(): Promise<ReadonlySet<ClusterId>>;
  saveKept(ids: ReadonlySet<ClusterId>): Promise<void>;
}

export const clusterOf = (name: string): ClusterId | undefined =>
  /^j-[A-Z0-9]+\.json$/.test(name) ? (name.slice(0, -'.json'.length) as ClusterId) : undefined;

/** `<home>/targets` is what Prometheus watches; drafts and `kept.json` lie beside it, on the same file system. */
export function targetFolder(home: string): TargetFolder {
  const drafts = join(home, 'drafts');
  const kept = join(home, 'kept.json');
  const watched = join(home, 'targets');
  const pathOf = (id: ClusterId): string => join(watched, `${id}.json`);
  const read = (id: ClusterId): Promise<Buffer | undefined> => present(readFile(pathOf(id)));
  const isSame = async (id: ClusterId, body: Uint8Array): Promise<boolean> => (await read(id))?.equals(body) ?? false;
  return {
    read: (id) => onDisk(() => read(id)),
    isSame: (id, body) => onDisk(() => isSame(id, body)),
    prepare: () =>
      onDisk(async () => {
        await rm(drafts, { recursive: true, force: true });
        for (const folder of [drafts, watched]) await mkdir(folder, { recursive: true });
      }),
    list: () =>
      onDisk(async () => new Set(((await present(readdir(watched))) ?? []).flatMap((name) => clusterOf(name) ?? []))),
    replace: (id, body) =>
      onDisk(async () => {
        if (await isSame(id, body)) return false;
        await replaceFile(pathOf(id), body, join(drafts, id));
        return true;
      }),
    remove: (id) => onDisk(async () => (await present(unlink(pathOf(id)).then(() => true))) ?? false),
    readKept: () => onDisk(async () => new Set(parseKept(await present(readFile(kept, 'utf8'))))),
    saveKept: (ids) => onDisk(() => replaceFile(kept, JSON.stringify([...ids].toSorted()), join(drafts, 'kept'))),
  };
}

/** For `--dry-run`: reads like the other, says what it would have written, and never touches the disk. */
export const observeOnly = (folder: TargetFolder, say: (action: string, id: ClusterId) => void): TargetFolder => ({
  ...folder,
  prepare: () => Promise.resolve(),
  async replace(id, body) {
    if (!(await folder.isSame(id, body))) say('write', id);
    return false;
  },
  remove(id) {
    say('remove', id);
    return Promise.resolve(false);
  },
  saveKept: () => Promise.resolve(),
});

/** Broken by hand, it is as good as absent: over half of all keys vanishing will be seen again. */
function parseKept(text = '[]'): readonly ClusterId[] {
  try {
    const ids: unknown = JSON.parse(text);
    return Array.isArray(ids) ? ids.flatMap((id) => clusterOf(`${String(id)}.json`) ?? []) : [];
  } catch {
    return [];
  }
}

export async function present<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new FolderError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
