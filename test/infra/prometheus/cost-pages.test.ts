import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parsePrices } from '../../../shared/core/prices.ts';
import { ruleFiles } from './alert-rules.ts';

const page = await readFile('docs/cost-and-idle.md', 'utf8');
const rules = ruleFiles.flatMap(({ groups }) => groups.flatMap((group) => group.rules));

test('docs/cost-and-idle.md has every recommendation in the words of its rule, and no other', () => {
  const said = rules.flatMap(({ labels }) => labels?.['recommendation'] ?? []);
  const table = page.split('## Recommendations')[1]?.split('## Alerts')[0] ?? '';
  const written = [...table.matchAll(/^\| ([A-Z][^|]*) \|/gm)].map(([, sentence]) => sentence);
  expect(written).toEqual(said);
});

test('docs/cost-and-idle.md names only recorded series that there are', () => {
  const recorded = new Set(rules.map(({ record }) => record));
  const named = [...page.matchAll(/emr_\w+:\w+:\w+/g)].map(([name]) => name);
  expect(named.filter((name) => !recorded.has(name))).toEqual([]);
});

test('the example of docs/prices.md is a price file', async () => {
  const [, example = ''] = (await readFile('docs/prices.md', 'utf8')).split(/```(?:csv)?\n/);
  expect(parsePrices(example)).toMatchObject({
    prices: [{ market: 'ON_DEMAND' }, { market: 'SPOT' }, { market: 'ON_DEMAND' }],
  });
});

test('series that are summed to hours are recorded once a minute, whatever the configuration says', () => {
  const groups = ruleFiles.flatMap((file) => file.groups);
  const hourly = groups.filter(({ rules: all }) =>
    all.some(({ record }) => record?.startsWith('emr_market:') === true && record !== 'emr_market:nodes:count'),
  );
  expect(hourly.map((group) => ({ ...group, rules: [] }))).toEqual(
    ['emr-record-cost', 'emr-record-money'].map((name) => ({ name, interval: '1m', rules: [] })),
  );
});
