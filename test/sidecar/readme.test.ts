import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { nothingKnown } from '../../sidecar/known.ts';
import { createMetrics } from '../../sidecar/metrics.ts';

test('the README lists every metric of ours, and no other', async () => {
  const readme = await readFile('sidecar/README.md', 'utf8');
  const listed = [...readme.matchAll(/`(emr_\w+)/g)].map(([, name = '']) => name);
  const metrics = await createMetrics(nothingKnown()).registry.getMetricsAsJSON();
  const exported = metrics.map(({ name }) => name).filter((name) => name.startsWith('emr_'));
  expect(listed.toSorted()).toEqual(exported.toSorted());
});
