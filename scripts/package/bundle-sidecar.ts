import { build } from 'esbuild';
import { randomUUID } from 'node:crypto';
import { chmod, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { BUNDLE } from './bundle.ts';

const root = join(import.meta.dirname, '../..');

/** The sidecar as one file that needs nothing but Node 24, whole at any time; answers its path. */
export async function bundleSidecar(
  outfile = join(root, 'build/sidecar/prometheus-on-emr-sidecar.mjs'),
): Promise<string> {
  // esbuild empties what it writes to: what runs from here at the moment would start as nothing.
  const draft = `${outfile}.${randomUUID()}`;
  await build({
    entryPoints: [join(root, 'sidecar/main.ts')],
    outfile: draft,
    ...BUNDLE,
    // prom-client is CommonJS and requires Node's own modules, which an ES module cannot do by itself.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  await chmod(draft, 0o755);
  await rename(draft, outfile);
  return outfile;
}

if (import.meta.main) console.log(await bundleSidecar());
