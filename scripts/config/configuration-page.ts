import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogueEntry } from '../../shared/core/catalogue.ts';
import { monitoringJsonSchema } from './monitoring-schema.ts';

/** As z.toJSONSchema describes a part of monitoring.yml. */
export interface Shape {
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
}

interface Key {
  readonly path: string;
  readonly shape: Shape;
}

const root = join(import.meta.dirname, '../..');

/** Every key that the page has a row for: one whose parts have defaults of their own is described by them. */
export function keysOf(shape: Shape, path = ''): readonly Key[] {
  const parts = Object.entries(shape.properties ?? {});
  const isWhole = parts.length > 0 && Object.keys(shape.default ?? {}).length === parts.length;
  const below = isWhole ? [] : parts;
  if (below.length === 0) return [{ path, shape }];
  return below.flatMap(([key, part]) => keysOf(part, path === '' ? key : `${path}.${key}`));
}

/** docs/configuration.md with the exporters' rows as their folders describe them. */
export function renewConfigurationPage(page: string, catalogue: readonly CatalogueEntry[]): string {
  const rows = catalogue.flatMap(({ name }) => [rowOfExporter(name, catalogue), ...rowsBelow(name, catalogue)]);
  const before = page.search(/^\| `exporters\./m);
  const after = page.lastIndexOf('\n', page.indexOf('| `policies.')) + 1;
  if (before < 0 || after < before)
    throw new RangeError('docs/configuration.md has no rows of exporters before policies');
  return page.slice(0, before) + rows.map((row) => `${row}\n`).join('') + page.slice(after);
}

const exporterShape = (name: string, catalogue: readonly CatalogueEntry[]): Shape =>
  (monitoringJsonSchema(catalogue) as Shape).properties?.['exporters']?.properties?.[name] ?? {};

function rowOfExporter(name: string, catalogue: readonly CatalogueEntry[]): string {
  const page = `exporters/${name}.md`;
  const more = existsSync(join(root, 'docs', page)) ? ` [docs/${page}](${page}) says more.` : '';
  return `| \`exporters.${name}\` | | ${exporterShape(name, catalogue).description}${more} |`;
}

const rowsBelow = (name: string, catalogue: readonly CatalogueEntry[]): readonly string[] =>
  keysOf(exporterShape(name, catalogue), `exporters.${name}`).map(
    ({ path, shape }) => `| \`${path}\` | \`${JSON.stringify(shape.default)}\` | ${marked(shape.description ?? '')} |`,
  );

/** Values are shown as such: `true: …` at the beginning of a sentence. */
const marked = (description: string): string => description.replaceAll(/(^|\. )([a-z]+):/g, '$1`$2`:');
