import { expect, test } from 'vitest';
import { nameOf, panelQueries, readDashboards } from '../../../sandbox/grafana/panel-queries.ts';
import { differences, SOMETIMES, WITHOUT_DATA } from '../../../sandbox/grafana/without-data.ts';

test('what shows nothing must be listed, and what is listed must show nothing, and be there', () => {
  const series = new Map([
    ['emr-hdfs: Files, A', 1],
    ['emr-hdfs: Journals, A', 0],
    ['emr-hdfs: Blocks, A', 0],
    ['emr-hdfs: Blocks, B', 2],
    ['emr-nodes: Reads, A', 1],
    ['emr-nodes: Reads, B', 0],
  ]);
  const listed = {
    'three masters': ['emr-hdfs: Journals, A', 'emr-hdfs: Blocks, B'],
    HBase: ['emr-hbase: Regions, A'],
  };
  const sometimes = { reads: ['emr-nodes: Reads, A', 'emr-nodes: Reads, B', 'emr-nodes: Writes, A'] };
  expect(differences(series, listed, sometimes)).toEqual([
    'no data: emr-hdfs: Blocks, A',
    'listed as without data, and has some: emr-hdfs: Blocks, B',
    'listed, and not there: emr-hbase: Regions, A',
    'listed, and not there: emr-nodes: Writes, A',
  ]);
});

test('every query that is listed as without data in the demo is one of a panel that asks Prometheus, and listed once', async () => {
  const queries = (await readDashboards())
    .flatMap(panelQueries)
    .filter(({ datasource }) => datasource === 'prometheus');
  const names = new Set(queries.map(nameOf));
  const listed = [WITHOUT_DATA, SOMETIMES].flatMap((list) => Object.values(list).flat());
  expect(listed.filter((name) => !names.has(name))).toEqual([]);
  expect(new Set(listed).size).toBe(listed.length);
});
