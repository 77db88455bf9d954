import { build } from 'esbuild';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { BUNDLE } from './bundle.ts';

const root = join(import.meta.dirname, '../..');

/** The sidecar as one file that needs nothing but Node 24; answers its path. */
export async function bundleSidecar(
  outfile = join(root, 'build/sidecar/prometheus-on-emr-sidecar.mjs'),
): Promise<string> {
  await build({
    entryPoints: [join(root, 'sidecar/main.ts')],
    outfile,
    ...BUNDLE,
    // prom-client is CommonJS and requires Node's own modules, which an ES module cannot do by itself.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  await chmod(outfile, 0o755);
  return outfile;
}

if (import.meta.main) console.log(await bundleSidecar());
