import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createContentMetrics } from '../../sidecar/content/content-metrics.ts';
import { nothingKnown } from '../../sidecar/known.ts';
import { createMetrics } from '../../sidecar/metrics.ts';

test('the README lists every metric of ours, and no other', async () => {
  const readme = await readFile('sidecar/README.md', 'utf8');
  const listed = [...readme.matchAll(/`(emr_\w+)/g)].map(([, name = '']) => name);
  const { registry } = createMetrics(nothingKnown());
  createContentMetrics(registry);
  const metrics = await registry.getMetricsAsJSON();
  const exported = metrics.map(({ name }) => name).filter((name) => name.startsWith('emr_'));
  expect(listed.toSorted()).toEqual(exported.toSorted());
});
