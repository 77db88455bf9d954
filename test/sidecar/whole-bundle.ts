import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleSidecar } from '../../scripts/package/bundle-sidecar.ts';

const folder = join(import.meta.dirname, '../../build/test');

async function make(): Promise<string> {
  const file = join(folder, 'prometheus-on-emr-sidecar.mjs');
  await rename(await bundleSidecar(join(folder, `${process.pid}.mjs`)), file);
  return file;
}

let bundle: Promise<string> | undefined;

/** The sidecar as it ships, whole at any time: that of build/sidecar is empty while another process writes it anew. */
export const wholeBundle = (): Promise<string> => (bundle ??= make());
