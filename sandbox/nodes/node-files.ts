import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface NodeFile {
  readonly path: string;
  readonly body: string;
  readonly mode?: number;
}

export interface Bind {
  readonly source: string;
  readonly target: string;
}

/** Lays the upper layer of a node's file system before it boots. */
export async function placeFiles(folder: string, files: readonly NodeFile[]): Promise<void> {
  const upper = join(folder, 'upper');
  for (const part of ['upper', 'work', 'root']) await mkdir(join(folder, part));
  for (const { path, body, mode = 0o644 } of files) {
    const target = join(upper, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, body);
    await chmod(target, mode);
  }
}

/** A unit that starts at boot. */
export async function enableUnit(folder: string, unit: string): Promise<void> {
  const wants = join(folder, 'upper/etc/systemd/system/multi-user.target.wants');
  await mkdir(wants, { recursive: true });
  await symlink(`/etc/systemd/system/${unit}`, join(wants, unit));
}
