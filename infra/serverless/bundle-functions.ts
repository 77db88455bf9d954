import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLE } from '../../scripts/package/bundle.ts';
import { refuseOslsAlone } from '../../scripts/package/osls-alone.ts';
import { refuseStaleFiles } from '../../scripts/package/package-stack.ts';

const root = join(import.meta.dirname, '../..');

interface LambdaFunction {
  handler: string;
  package?: { readonly artifact: string };
}

/** What this plugin uses of osls (4.3.1: lib/plugins/package/lib/zip-service.js, the way it zips layers). */
interface Osls {
  readonly serviceDir: string;
  readonly service: {
    readonly functions: Readonly<Record<string, LambdaFunction>>;
    readonly provider: { environment: Readonly<Record<string, unknown>> };
  };
  readonly pluginManager: { readonly plugins: readonly object[] };
  readonly processedInput: { readonly commands: readonly string[] };
}
interface Zipper {
  /** Writes `.serverless/<name>`, the same bytes for the same files; `prefix` is taken off the files' paths. */
  zipFiles(files: readonly string[], name: string, prefix: string): Promise<string>;
}

/** Each function becomes a zip of one ES module, the package.json that says so, and the settings. */
function bundleFunctions({ serviceDir, service, pluginManager, processedInput }: Osls) {
  const bundleAll = async () => {
    await refuseStaleFiles(serviceDir);
    const documents = JSON.parse(await readFile(join(serviceDir, 'build/environment.json'), 'utf8')) as object;
    service.provider.environment = { ...service.provider.environment, ...documents };
    const zipper = pluginManager.plugins.find(isZipper);
    if (zipper === undefined) throw new Error('osls no longer zips where this plugin looks for it');
    for (const [name, definition] of Object.entries(service.functions)) {
      const folder = join(serviceDir, 'build/functions', name);
      await build({ ...BUNDLE, entryPoints: [join(root, `functions/${name}.ts`)], outfile: join(folder, 'index.js') });
      // Lambda does not detect modules by their syntax: the type must be said.
      await writeFile(join(folder, 'package.json'), '{"type":"module"}\n');
      await cp(join(serviceDir, 'build/settings.json'), join(folder, 'settings.json'));
      const files = ['index.js', 'package.json', 'settings.json'].map((file) => join(folder, file));
      definition.package = { artifact: await zipper.zipFiles(files, `${name}.zip`, folder) };
      definition.handler = 'index.handler';
    }
  };
  return {
    hooks: {
      initialize: () => refuseOslsAlone(processedInput.commands),
      'before:package:createDeploymentArtifacts': bundleAll,
    },
  };
}

const isZipper = (plugin: object): plugin is Zipper => 'zipFiles' in plugin;

// osls requires its plugins; this export is what `require` answers (Node's name for it).
export { bundleFunctions as 'module.exports' };
