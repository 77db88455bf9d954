import { rename, rm, writeFile } from 'node:fs/promises';

/** Readers see the old file or the new one. `draft`: same file system, outside the directory that Prometheus watches. */
export async function replaceFile(path: string, body: Uint8Array | string, draft: string): Promise<void> {
  try {
    await writeFile(draft, body, { flush: true, mode: 0o644 });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
