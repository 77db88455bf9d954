import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { renderDashboards } from '../../../infra/grafana/render-dashboards.ts';

const generated = renderDashboards();

test('every dashboard is committed, and nothing else', () => {
  expect(globSync('infra/grafana/dashboards/*').toSorted()).toEqual([...generated.keys()].toSorted());
});

test.each([...generated])('%s is what npm run dashboards writes', async (path, text) => {
  expect(await readFile(path, 'utf8')).toBe(text);
});
