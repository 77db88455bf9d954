import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CatalogueEntry } from '../../shared/core/catalogue.ts';
import { ConfigError } from '../../shared/core/errors.ts';
import type { ExporterName } from '../../shared/core/model.ts';
import type { ExporterDocument } from './exporter-document.ts';

/** What an exporter's folder says of it; CONTRIBUTING.md lists its files. */
export interface Exporter {
  readonly entry: CatalogueEntry;
  readonly document: ExporterDocument;
  readonly folder: URL;
}

/** Part of CloudFormation's ids (letters and digits) and, behind `prometheus-on-emr-`, of a user's name (32 characters). */
const NAME = /^[a-z][a-z0-9]{0,13}$/;

const HERE = new URL('.', import.meta.url);

/** Every exporter there is: each folder beside this file that has an options.ts. */
export async function readExporters(folder = HERE): Promise<readonly Exporter[]> {
  const names = globSync('*/options.ts', { cwd: fileURLToPath(folder) }).map(dirname);
  return await Promise.all(names.toSorted().map((name) => readExporter(name, new URL(`${name}/`, folder))));
}

export const readCatalogue = async (): Promise<readonly CatalogueEntry[]> =>
  (await readExporters()).map(({ entry }) => entry);

async function readExporter(name: ExporterName, folder: URL): Promise<Exporter> {
  const at = `infra/exporters/${name}`;
  if (!NAME.test(name)) throw new ConfigError(`${at}: a name is a small letter and at most 13 more, or digits`);
  const options = (await import(new URL('options.ts', folder).href)) as { readonly entry?: CatalogueEntry };
  const { entry } = options;
  if (entry?.name !== name) throw new ConfigError(`${at}/options.ts exports no entry (CatalogueEntry) named ${name}`);
  const parts = (await import(new URL('document.ts', folder).href)) as { readonly document?: ExporterDocument };
  const { document } = parts;
  if (document === undefined) throw new ConfigError(`${at}/document.ts exports no document (ExporterDocument)`);
  return { entry, document, folder };
}
