import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { withRunbookLinks } from '../../../scripts/content/runbook-links.ts';
import type { CommittedPanel } from './committed-files.ts';
import { committedDashboards, panelsOf } from './committed-files.ts';

const panelsOn = (uid: string): readonly CommittedPanel[] =>
  committedDashboards.filter((dashboard) => dashboard.uid === uid).flatMap(panelsOf);
const everywhere = committedDashboards.flatMap((dashboard) =>
  panelsOf(dashboard).map((panel) => ({ name: `${dashboard.uid}: ${panel.title}`, panel })),
);
const exprsOf = ({ targets }: CommittedPanel): readonly string[] => targets.map(({ expr = '' }) => expr);
const named = (uid: string, title: string): readonly CommittedPanel[] =>
  panelsOn(uid).filter((panel) => panel.title === title);

type Properties = ReadonlyMap<string, unknown>;
const columnsOf = ({ fieldConfig: { overrides } }: CommittedPanel): ReadonlyMap<string, Properties> =>
  new Map(
    overrides.map(({ matcher, properties }) => [
      matcher.options,
      new Map(properties.map(({ id, value }) => [id, value])),
    ]),
  );
const titlesOf = ({ transformations = [] }: CommittedPanel): readonly unknown[] =>
  transformations.flatMap(({ options }) => Object.values(options.renameByName ?? {}));

describe('alerts', () => {
  const lists = everywhere.filter(({ panel }) => titlesOf(panel).includes('Alert'));

  test('are named on Cluster, and those of no cluster on Fleet, which counts them, too', () => {
    expect(lists.map(({ name }) => name)).toEqual(['emr-cluster: Alerts that fire', 'emr-fleet: Alerts of no cluster']);
    const asked = named('emr-fleet', 'Alerts of no cluster').flatMap((panel) =>
      exprsOf(panel).flatMap((expr) => expr.match(/ALERTS(?:_FOR_STATE)?\{.*?\}/g) ?? []),
    );
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((selector) => !selector.endsWith(', cluster_id=""}'))).toEqual([]);
    const counted = named('emr-fleet', 'Critical alerts');
    expect(counted.flatMap(({ fieldConfig }) => fieldConfig.defaults.links ?? [])).toEqual([
      expect.objectContaining({ title: 'Alerts of no cluster' }),
    ]);
  });

  test.each(lists)('$name: critical ones stand first and are red, of each severity the newest first', ({ panel }) => {
    expect(panel.options['sortBy']).toEqual([
      { displayName: 'Severity', desc: false },
      { displayName: 'For', desc: false },
    ]);
    expect(columnsOf(panel).get('Severity')?.get('mappings')).toEqual([
      expect.objectContaining({
        options: expect.objectContaining({ 0: { text: 'critical', index: 0, color: 'red' } }),
      }),
    ]);
    expect(exprsOf(panel).filter((expr) => !/0 \* ALERTS\{[^}]*severity="critical"[^}]*\} or /.test(expr))).toEqual([]);
  });

  test('of a cluster that are critical put it above any number of warnings', () => {
    const clusters = named('emr-fleet', 'Clusters').find(({ type }) => type === 'table');
    expect(clusters?.options['sortBy']).toEqual([
      { displayName: 'Critical', desc: true },
      { displayName: 'Alerts', desc: true },
    ]);
    const titles = clusters ? titlesOf(clusters) : [];
    expect(titles.indexOf('Alerts') - titles.indexOf('Critical')).toBe(1);
  });

  test('have a place for the link to the runbook that is found when it is published, and no other column has', () => {
    for (const dashboard of committedDashboards) {
      const text = JSON.stringify(dashboard);
      const empty = '"id":"links","value":[]';
      expect(text.includes(empty)).toBe(lists.some(({ name }) => name.startsWith(`${dashboard.uid}:`)));
      expect(withRunbookLinks(text, 'https://wiki.example.com').includes(empty)).toBe(false);
    }
  });
});

test('words that have a colour are shown in it', () => {
  const colourless = everywhere.flatMap(({ name, panel }) =>
    [...columnsOf(panel)]
      .filter(([, properties]) => JSON.stringify(properties.get('mappings') ?? []).includes('"color"'))
      .filter(([, properties]) => !JSON.stringify(properties.get('custom.cellOptions') ?? '').includes('"color-'))
      .map(([column]) => `${name}, ${column}`),
  );
  expect(colourless).toEqual([]);
});

test('failed volumes are counted beside the capacity that went with them', () => {
  expect(named('emr-hdfs', 'Failed volumes, capacity lost with them').flatMap(exprsOf)).toEqual([
    expect.stringContaining('max(hdfs_namenode_failed_volumes{'),
    expect.stringContaining('max(hdfs_namenode_estimated_capacity_lost_bytes{'),
  ]);
});

/** The newest of all NameNodes: with three masters the standby makes it. */
const OF_ALL = new Set(['Active NameNodes', 'Last checkpoint', 'Edits since the checkpoint']);

test('numbers of HDFS are the active NameNode’s, as in the alerts', () => {
  const others = panelsOn('emr-hdfs').filter(
    (panel) =>
      panel.type === 'stat' &&
      exprsOf(panel).some((expr) => expr.includes('hdfs_namenode_') && !expr.includes('state="active"} == 1')),
  );
  expect(others.map(({ title }) => title).filter((title) => !OF_ALL.has(title))).toEqual([]);
});

test('a machine is idle by one rule: what Fleet shows, Cost adds up, and none leaves masters out by itself', () => {
  const cost = named('emr-cost', 'Idle machine-hours').flatMap(exprsOf);
  expect(cost).toEqual([expect.stringContaining('emr_cluster:nodes_idle:sum{')]);
  expect(named('emr-fleet', 'Machines nobody uses').flatMap(exprsOf)).toEqual(['sum(emr_cluster:nodes_idle:sum)']);
  const apart = everywhere.filter(({ panel }) =>
    exprsOf(panel).some((expr) => /nodes_(idle|wasted):sum\{[^}]*cluster_role!=/.test(expr)),
  );
  expect(apart.map(({ name }) => name)).toEqual([]);
});

test('a share of two rates of disks reads those of the twenty nodes that an unseen variable found', () => {
  const asked = panelsOn('emr-nodes').flatMap((panel) => exprsOf(panel).map((expr) => ({ title: panel.title, expr })));
  const shares = asked.filter(({ expr }) => /node_disk_.*\/.*node_disk_/.test(expr));
  expect(new Set(shares.map(({ title }) => title))).toEqual(
    new Set(['Time of a write', 'Time of a read', 'Size of a request']),
  );
  const selectors = shares.flatMap(({ expr }) => expr.match(/node_disk_\w+\{[^}]*\}/g) ?? []);
  expect(selectors.filter((selector) => !selector.includes('instance=~"$waiting"'))).toEqual([]);
  const nodes = committedDashboards.find(({ uid }) => uid === 'emr-nodes');
  const waiting = nodes?.templating.list.find(({ name }) => name === 'waiting');
  // All without a value of its own is the list of what the query found. It is nobody's choice: no address keeps it.
  expect(waiting).toMatchObject({ hide: 2, multi: true, includeAll: true, current: { value: '$__all' } });
  expect(waiting).toMatchObject({ skipUrlSync: true });
  expect(waiting).not.toHaveProperty('allValue');
  // Those that CPU shows: of the chosen nodes, and over all the time shown, for a node that hangs is silent at its end.
  const [, rank = ''] = /^query_result\((.*)\)$/.exec(waiting?.query ?? '') ?? [];
  const iowait = 'cluster_id="$cluster_id", cluster_role=~"$cluster_role", instance=~"$instance", mode="iowait"';
  expect(rank).toMatch(/^topk\(20, /);
  expect(rank).toContain(`max_over_time(emr_node:cpu_mode:ratio_rate5m{${iowait}}[$__range] @ end())`);
  expect(named('emr-nodes', 'Waiting for disks').flatMap(exprsOf)).toEqual([expect.stringContaining(` ${rank}`)]);
});

test('what is asked before a row is opened, and is no choice, is one query, and the page tells it', async () => {
  const hidden = committedDashboards.flatMap(({ uid, templating: { list } }) =>
    list.filter(({ hide }) => hide === 2).map(({ name }) => `${uid}: ${name}`),
  );
  expect(hidden).toEqual(['emr-nodes: waiting']);
  const page = await readFile('docs/dashboards.md', 'utf8');
  expect(page.replaceAll(/\s+/g, ' ')).toContain(
    'Closed rows ask nothing until they are opened, but for one query of *Nodes*',
  );
});

test('where no node tells how long it waits for disks, what asks for those that wait most says so', () => {
  const asking = everywhere.filter(({ panel }) => exprsOf(panel).some((expr) => expr.includes('$waiting')));
  expect(asking.map(({ panel }) => panel.title)).toEqual(['Time of a write', 'Time of a read', 'Size of a request']);
  for (const { panel } of asking)
    expect(panel.fieldConfig.defaults.noValue).toContain('none of the chosen ones tells how long it waits for disks');
});

test('what a node sends to itself is not sent by its network', () => {
  const selectors = everywhere.flatMap(({ panel }) =>
    exprsOf(panel).flatMap((expr) => expr.match(/(?<!\w)node_network_.*?\}/g) ?? []),
  );
  expect(selectors.length).toBeGreaterThan(0);
  expect(selectors.filter((selector) => !selector.includes('device!="lo"'))).toEqual([]);
});
