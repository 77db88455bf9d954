import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readCatalogue } from '../../infra/exporters/catalogue.ts';
import { keysOf, renewConfigurationPage, type Shape } from '../../scripts/config/configuration-page.ts';
import { monitoringJsonSchema } from '../../scripts/config/monitoring-schema.ts';

const catalogue = await readCatalogue();

const page = await readFile('docs/configuration.md', 'utf8');

/** First two columns of each row of the page's tables. */
const rows = new Map(
  [...page.matchAll(/^\| `([\w.]+)` \| (?:`(.*?)`)? ?\|/gm)].map(([, key, standard]) => [key, standard]),
);

const keys = keysOf(monitoringJsonSchema(catalogue) as Shape).map(
  ({ path, shape }) => [path, shape.default === undefined ? undefined : JSON.stringify(shape.default)] as const,
);

test.each(keys)('docs/configuration.md has %s with its default', (key, standard) => {
  expect(rows.has(key)).toBe(true);
  expect(rows.get(key)).toBe(standard);
});

test('docs/configuration.md has no key that does not exist', () => {
  const known = keys.map(([key]) => key);
  expect([...rows.keys()].filter((key) => !known.some((one) => one === key || one.startsWith(`${key}.`)))).toEqual([]);
});

test("docs/configuration.md has the exporters' rows as their folders describe them (npm run config -- --write)", () => {
  expect(renewConfigurationPage(page, catalogue)).toBe(page);
});
