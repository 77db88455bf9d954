import * as units from '@grafana/grafana-foundation-sdk/units';
import { describe, expect, test } from 'vitest';
import type { CommittedDashboard, CommittedPanel, DataLink, GridPos } from './committed-files.ts';
import { committedDashboards, panelsOf, rowsOf } from './committed-files.ts';

/** A screen of 1080 pixels shows some 23 units of Grafana's grid below the variables. */
const TWO_SCREENS = 46;

const UNITS = new Set<unknown>(Object.values(units));
const UIDS = new Set(committedDashboards.map(({ uid }) => uid));

/** `$name`, `${name}` and `${name:format}`; Grafana's own begin with two underscores. */
const variablesIn = (text: string): readonly string[] =>
  [...text.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name).filter((name) => !name.startsWith('__'));

const overlap = (a: GridPos, b: GridPos): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** Each panel and what stands where it stands: rows' panels are laid out apart when they are closed. */
const layers = ({ panels }: CommittedDashboard) => [
  panels,
  ...panels.flatMap((panel) => (panel.type === 'row' ? [panel.panels] : [])),
];

const unitsOf = ({ fieldConfig: { defaults, overrides } }: CommittedPanel): readonly unknown[] => [
  ...(defaults.unit === undefined ? [] : [defaults.unit]),
  ...overrides.flatMap(({ properties }) => properties.filter(({ id }) => id === 'unit').map(({ value }) => value)),
];

/** Links of a number and of columns, with their fields' names. */
const linksOf = ({ fieldConfig: { defaults, overrides } }: CommittedPanel): readonly DataLink[] => [
  ...(defaults.links ?? []),
  ...overrides.flatMap(({ properties }) =>
    properties.filter(({ id }) => id === 'links').flatMap(({ value }) => value as readonly DataLink[]),
  ),
];

/** The labels that a table shows, by their names in Prometheus: links know no others. */
const columnsOf = ({ transformations = [] }: CommittedPanel): readonly string[] =>
  transformations.flatMap(({ options }) => Object.keys(options.renameByName ?? {}));

const OF_CHOSEN_CLUSTER = 'cluster_id="$cluster_id"';
const OF_CHOSEN_ROLES = 'cluster_role=~"$cluster_role"';
/** What each variable's values are taken among: what is chosen in those before it. */
const AMONG: Readonly<Record<string, readonly string[]>> = {
  cluster_id: ['cluster_name=~"$cluster_name"'],
  cluster_role: [OF_CHOSEN_CLUSTER],
  instance: [OF_CHOSEN_CLUSTER, OF_CHOSEN_ROLES],
  daemon: [OF_CHOSEN_CLUSTER],
  queue: [OF_CHOSEN_CLUSTER],
  application_id: [OF_CHOSEN_CLUSTER],
  waiting: [OF_CHOSEN_CLUSTER, OF_CHOSEN_ROLES, 'instance=~"$instance"'],
};
/** Those that no other narrows. */
const FIRST = ['datasource', 'cluster_name', 'cloudwatch', 'region', 'service'];

describe.each(committedDashboards)('$uid', (dashboard) => {
  const panels = panelsOf(dashboard);
  const variables = dashboard.templating.list;

  test('every panel has a title that no other of its row has, and says how to read it', () => {
    for (const row of rowsOf(dashboard).values()) {
      expect(new Set(row.map(({ title }) => title)).size).toBe(row.length);
    }
    expect(panels.filter(({ title, description }) => title === '' || !/\w{3,}.*\.$/s.test(description))).toEqual([]);
    expect(dashboard.description).toMatch(/\.$/);
  });

  test('every panel has an id that no other has', () => {
    const ids = [...dashboard.panels, ...dashboard.panels.flatMap((row) => (row.type === 'row' ? row.panels : []))];
    expect(new Set(ids.map(({ id }) => id)).size).toBe(ids.length);
  });

  test('every variable in a query, a legend or a title is there', () => {
    const defined = new Set(variables.map(({ name }) => name));
    expect([...new Set(variablesIn(JSON.stringify(dashboard)))].filter((name) => !defined.has(name))).toEqual([]);
  });

  test('every variable is used, and asks for nothing but those before it', () => {
    const used = new Set(variablesIn(JSON.stringify([dashboard.panels, dashboard.annotations])));
    const known = new Set<string>();
    for (const { name, query } of variables) {
      expect(variablesIn(query).filter((asked) => !known.has(asked))).toEqual([]);
      for (const asked of variablesIn(query)) used.add(asked);
      known.add(name);
    }
    expect([...known].filter((name) => !used.has(name))).toEqual([]);
  });

  test('cluster name, cluster, role, node: each variable has only what the ones before it leave', () => {
    const free = variables.flatMap(({ name, query }) => {
      const selectors = query.match(/\{[^}]*\}/g) ?? [query];
      const chosen = AMONG[name] ?? [];
      return chosen
        .filter((one) => !selectors.every((selector) => selector.includes(one)))
        .map((one) => `${name}: ${one}`);
    });
    expect(free).toEqual([]);
    const known = new Set([...FIRST, ...Object.keys(AMONG)]);
    expect(variables.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
  });

  test('every panel asks something', () => {
    const isSilent = ({ expr, expression }: CommittedPanel['targets'][number]) => (expr ?? expression ?? '') === '';
    expect(panels.filter(({ targets }) => targets.length === 0 || targets.some(isSilent))).toEqual([]);
  });

  test('every panel has a unit that Grafana has', () => {
    expect(panels.filter((panel) => unitsOf(panel).some((unit) => !UNITS.has(unit)))).toEqual([]);
    expect(
      panels.filter(({ type, fieldConfig }) => type !== 'table' && fieldConfig.defaults.unit === undefined),
    ).toEqual([]);
  });

  test('no panel covers another or stands beside the screen', () => {
    for (const layer of layers(dashboard)) {
      expect(layer.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
      const pairs = layer.flatMap((one, index) => layer.slice(index + 1).map((other) => [one, other] as const));
      expect(pairs.filter(([one, other]) => overlap(one.gridPos, other.gridPos))).toEqual([]);
    }
  });

  test('at most two screens are open', () => {
    const open = dashboard.panels.filter((panel) => panel.type !== 'row' || !panel.collapsed);
    expect(Math.max(...open.map(({ gridPos: { y, h } }) => y + h))).toBeLessThanOrEqual(TWO_SCREENS);
  });

  test('a rate looks back as far as the points shown and the scrapes need', () => {
    const rates = /\b(?:rate|irate|increase)\((?:[^()[\]]|\([^()]*\))*\[([^\]]+)\]/g;
    const ranges = panels.flatMap(({ title, targets }) =>
      targets.flatMap(({ expr = '' }) => [...expr.matchAll(rates)].map(([, range]) => `${title}: ${range}`)),
    );
    expect(ranges.filter((range) => !/: (\$__rate_interval|\$__range)$/.test(range))).toEqual([]);
  });

  test('the links at the top lead to all dashboards and keep time and variables', () => {
    expect(dashboard.links).toEqual([
      expect.objectContaining({ type: 'dashboards', tags: ['prometheus-on-emr'], includeVars: true, keepTime: true }),
    ]);
    expect(dashboard.tags).toContain('prometheus-on-emr');
  });

  test.each(
    panels.flatMap((panel) => linksOf(panel).map(({ title: says, url }) => ({ title: panel.title, says, url, panel }))),
  )(
    'a click in "$title" leads to a dashboard that is there, with time, Prometheus and variables: $url',
    ({ says, url, panel }) => {
      const [, uid, search = ''] = /^\/d\/([\w-]+)\?(.*)$/.exec(url) ?? [];
      expect(UIDS).toContain(uid);
      expect(search).toMatch(/^\$\{__url_time_range\}&\$\{datasource:queryparam\}(&|$)/);
      const there = committedDashboards.filter((other) => other.uid === uid);
      const theirs = there.flatMap(({ templating }) => templating.list.map(({ name }) => name));
      for (const [, variable] of search.matchAll(/&var-(\w+)=/g)) expect(theirs).toContain(variable);
      for (const [, field = ''] of search.matchAll(/__data\.fields\["(\w+)"\]/g)) {
        expect(columnsOf(panel)).toContain(field);
      }
      for (const [, id] of search.matchAll(/&viewPanel=panel-(\d+)/g)) {
        const titles = there.flatMap(panelsOf).filter((other) => other.id === Number(id));
        expect(titles).toEqual([expect.objectContaining({ title: says })]);
      }
    },
  );

  test('a legend is a table of at most twenty, highest first', () => {
    const legends = panels.filter(({ type }) => type === 'timeseries').map(({ options }) => options['legend']);
    for (const legend of legends) {
      expect(legend).toMatchObject({ displayMode: 'table', limit: 20, sortBy: 'Max', sortDesc: true });
    }
  });
});

test('the dashboards are those that people know', () => {
  const names = ['fleet', 'cluster', 'nodes', 'hdfs', 'yarn', 'jvm', 'spark', 'cost', 'automation'];
  expect([...UIDS].toSorted()).toEqual(names.map((name) => `emr-${name}`).toSorted());
});

test('the table of clusters has no row for alerts that are about no cluster', () => {
  const fleet = committedDashboards.filter(({ uid }) => uid === 'emr-fleet').flatMap(panelsOf);
  const byCluster = fleet.flatMap(({ targets }) =>
    targets.filter(({ expr = '' }) => /by \(cluster_id\) \(ALERTS/.test(expr)),
  );
  expect(byCluster.length).toBeGreaterThan(0);
  expect(byCluster.filter(({ expr = '' }) => !expr.includes('cluster_id!=""'))).toEqual([]);
});

test('alerts are those of ours, wherever somebody has others', () => {
  const asked = committedDashboards.flatMap(
    (dashboard) => JSON.stringify(dashboard).match(/ALERTS(?:_FOR_STATE)?\{.*?\}/g) ?? [],
  );
  expect(asked.filter((selector) => !selector.includes('emr!='))).toEqual([]);
  expect(asked.length).toBeGreaterThan(0);
});

test('no number is 0 where nobody is asked', () => {
  const asked = committedDashboards.flatMap((dashboard) =>
    panelsOf(dashboard)
      .filter(({ type }) => type === 'stat')
      .flatMap(({ title, targets }) => targets.map(({ expr = '' }) => `${dashboard.uid} ${title}: ${expr}`)),
  );
  expect(asked.filter((line) => line.includes('vector(0)'))).toEqual([]);
});
