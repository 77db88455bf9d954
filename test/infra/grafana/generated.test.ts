import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { renderDashboards } from '../../../infra/grafana/render-dashboards.ts';

const generated = await renderDashboards();

test('every dashboard is committed, and nothing else', () => {
  const files = [...globSync('infra/grafana/dashboards/*'), 'docs/dashboards.md'];
  expect(files.toSorted()).toEqual([...generated.keys()].toSorted());
});

test.each([...generated])('%s is what npm run dashboards writes', async (path, text) => {
  expect(await readFile(path, 'utf8')).toBe(text);
});
