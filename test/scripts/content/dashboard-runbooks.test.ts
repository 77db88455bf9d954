import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { withRunbooks } from '../../../scripts/content/check-rule-file.ts';

test('a click on an alert of a cluster opens its runbook where runbookUrl says', async () => {
  const dashboard = await readFile('infra/grafana/dashboards/emr-cluster.json', 'utf8');
  const published = withRunbooks(dashboard, 'https://wiki.example.com/runbooks');
  const links = [...published.matchAll(/"url": "(.*\.md)"/g)].map(([, url]) => url);
  expect(links).toEqual([
    String.raw`https://wiki.example.com/runbooks/${'$'}{__data.fields[\"alertname\"]:percentencode}.md`,
  ]);
});
