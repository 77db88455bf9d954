import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readOriginalQueries } from '../../../infra/exporters/jmx/metrics-migration.ts';
import { readOriginalPanels } from '../../../infra/grafana/original-panels.ts';
import { committedDashboards, rowsOf } from './committed-files.ts';

const originals = await readOriginalPanels();
const place = (row: string, panel: string): string => `${row} › ${panel}`;

test('every panel of the original is mapped, once, and no other', async () => {
  const queries = readOriginalQueries(await readFile('infra/exporters/jmx/original-queries.tsv', 'utf8'));
  const theirs = new Set(
    queries
      .filter(({ row }) => row !== 'Variables')
      .map(({ dashboard, row, panel }) => `${dashboard}: ${place(row, panel)}`),
  );
  const mapped = originals.map(({ dashboard, row, panel }) => `${dashboard}: ${place(row, panel)}`);
  expect(mapped.toSorted()).toEqual([...theirs].toSorted());
});

test('every panel that one of the original is mapped to exists', () => {
  const ours = new Set(
    committedDashboards.flatMap((dashboard) =>
      [...rowsOf(dashboard)].flatMap(([row, panels]) =>
        panels.map(({ title }) => `${dashboard.uid}: ${place(row, title)}`),
      ),
    ),
  );
  const named = originals.map(({ uid, ourRow, ourPanel }) => `${uid}: ${place(ourRow, ourPanel)}`);
  expect(named.filter((one) => !ours.has(one))).toEqual([]);
});

test.each([
  [
    'the job of its NameNode dashboard left the master out',
    /NameNode dashboard never had data: .* left the\s+master out/s,
  ],
  ['two of its dashboards had one uid', /had the uid of OS-Level-Metrics/],
])('the page tells what no panel shows: %s', async (_defect, sentence) => {
  expect(await readFile('docs/dashboards.md', 'utf8')).toMatch(sentence);
});

/** Defects of the original's queries, by what each leaves in an expression. */
test.each([
  ['count(up) counts what is down', /count\(up\{(?![^}]*\} == )[^}]*\}\)/],
  ['eth0 and its like are no longer all', /device=~"eth/],
  ['irate shows two scrapes of each point', /\birate\(/],
  ['what is received is no share of what is sent', /receive_(errs|drop)\w*\{.*\/.*transmit_packets/],
  ['a gauge of HDFS is not added up over NameNodes', /(?<!count )\bsum\(hdfs_namenode_(?!ha_state)\w+(?<!_total)\{/],
])('%s: no query of ours does that', (_defect, pattern) => {
  const queries = committedDashboards.flatMap((dashboard) =>
    [...rowsOf(dashboard).values()]
      .flat()
      .flatMap(({ title, targets }) => targets.map(({ expr = '' }) => `${title}: ${expr}`)),
  );
  expect(queries.filter((query) => pattern.test(query))).toEqual([]);
});
