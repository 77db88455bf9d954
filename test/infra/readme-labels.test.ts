import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readCatalogue } from '../../infra/exporters/catalogue.ts';
import { readMonitoring } from '../../scripts/config/read-monitoring.ts';
import { clusterLabels, OWN_LABELS } from '../../shared/core/labels.ts';
import { targetGroups } from '../../shared/core/targets.ts';
import { aNode, aRecord, CLUSTER, installed, NODE } from '../core/sample-record.ts';

const catalogue = await readCatalogue();
const { labels: mapping } = await readMonitoring('monitoring.yml', catalogue);

const inCode = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
const [, table = ''] = /with these labels:\n\n((?: +\|.*\n)+)/.exec(await readFile('README.md', 'utf8')) ?? [];
/** What the README's table says of a label: the words in its row that are code. */
const rows = new Map(
  table
    .split('\n')
    .slice(2)
    .flatMap((line) => {
      const [, names = '', value = ''] = line.split('|');
      return inCode(names).map((name) => [name, inCode(value)] as const);
    }),
);

/** A target of an exporter whose endpoints have `own`, on a cluster with every tag that is a label. */
function labelsOfTarget(own: readonly string[]): readonly string[] {
  const tags = Object.fromEntries(Object.values(mapping).map((tag) => [tag, 'x']));
  const cluster = { id: CLUSTER, name: 'x', releaseLabel: 'x', accountId: 'x', region: 'x', tags } as const;
  const endpoint = { port: 1, labels: Object.fromEntries(own.map((name) => [name, 'x'])) };
  const node = aNode({ zone: 'x', exporters: { x: { installed: { ...installed, endpoints: [endpoint] } } } });
  const groups = targetGroups(aRecord({ labels: clusterLabels(cluster, mapping), nodes: { [NODE]: node } }));
  return Object.keys(groups[0]?.labels ?? {});
}

test('the README’s table has every label of a target, and no other', () => {
  const ofExporters = catalogue.flatMap(({ labels = [] }) => labels);
  expect([...rows.keys()].toSorted()).toEqual(labelsOfTarget(ofExporters).toSorted());
  // What no tag may become is what a target has.
  expect([...OWN_LABELS, ...ofExporters, ...Object.keys(mapping)].toSorted()).toEqual([...rows.keys()].toSorted());
});

test('it names the exporters, who has labels of its own, and the tags that monitoring.yml maps', () => {
  expect(rows.get('job')?.toSorted()).toEqual(catalogue.map(({ name }) => name).toSorted());
  for (const { name, ports, labels = [] } of catalogue)
    for (const label of labels) {
      const [exporter, ...values] = rows.get(label) ?? [];
      expect(exporter).toBe(name);
      expect(Object.keys(ports)).toEqual(expect.arrayContaining(values));
    }
  for (const label of Object.keys(mapping)) expect(rows.get(label)).toEqual(Object.values(mapping));
});
