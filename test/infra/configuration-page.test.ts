import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readCatalogue } from '../../infra/exporters/catalogue.ts';
import { monitoringJsonSchema } from '../../scripts/monitoring-schema.ts';

const catalogue = await readCatalogue();

interface Shape {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Shape>>;
}

const page = await readFile('docs/configuration.md', 'utf8');

/** First two columns of each row of the page's tables. */
const rows = new Map(
  [...page.matchAll(/^\| `([\w.]+)` \| (?:`(.*?)`)? ?\|/gm)].map(([, key, standard]) => [key, standard]),
);

/** A key whose parts have defaults of their own is described by them. */
function keys(shape: Shape, path = ''): readonly (readonly [string, string | undefined])[] {
  const parts = Object.entries(shape.properties ?? {});
  const isWhole = parts.length > 0 && Object.keys(shape.default ?? {}).length === parts.length;
  const below = isWhole ? [] : parts;
  const own = [path, shape.default === undefined ? undefined : JSON.stringify(shape.default)] as const;
  return below.length === 0 ? [own] : below.flatMap(([key, part]) => keys(part, path === '' ? key : `${path}.${key}`));
}

test.each(keys(monitoringJsonSchema(catalogue) as Shape))(
  'docs/configuration.md has %s with its default',
  (key, standard) => {
    expect(rows.has(key)).toBe(true);
    expect(rows.get(key)).toBe(standard);
  },
);

test('docs/configuration.md has no key and no parameter that does not exist', async () => {
  const yaml = parse(await readFile('serverless.yml', 'utf8'), { logLevel: 'error' }) as {
    params: { default: object };
  };
  const all = keys(monitoringJsonSchema(catalogue) as Shape).map(([key]) => key);
  const parameters = ['stage', 'region', ...Object.keys(yaml.params.default)];
  const known = [...all, ...parameters];
  expect([...rows.keys()].filter((key) => !known.some((one) => one === key || one.startsWith(`${key}.`)))).toEqual([]);
  expect(parameters.filter((name) => !rows.has(name))).toEqual([]);
});
