import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withRunbookLinks } from '../../../scripts/content/runbook-links.ts';

const LISTS = new Set(['emr-cluster', 'emr-fleet']);
const files = globSync('infra/grafana/dashboards/*.json').toSorted();
const runbooksIn = (text: string): readonly unknown[] =>
  [...text.matchAll(/"url": ?"([^"]*(?:\\.[^"]*)*\.md)"/g)].map(([, url]) => JSON.parse(`"${url}"`) as unknown);

describe.each(files.map((file) => ({ file, uid: basename(file, '.json') })))('$uid', ({ file, uid }) => {
  test('a click on an alert opens its runbook where runbookUrl says', async () => {
    const published = withRunbookLinks(await readFile(file, 'utf8'), 'https://wiki.example.com/r?page=$1');
    expect(runbooksIn(published)).toEqual(
      LISTS.has(uid) ? ['https://wiki.example.com/r?page=$1/${__data.fields["alertname"]:percentencode}.md'] : [],
    );
    expect(() => JSON.parse(published) as unknown).not.toThrow();
  });

  test('while runbookUrl is a path of the repository there is no link, for it would lead into Grafana', async () => {
    const committed = await readFile(file, 'utf8');
    expect(withRunbookLinks(committed, 'docs/runbooks')).toBe(committed);
    expect(runbooksIn(committed)).toEqual([]);
  });
});
