import { expect, test } from 'vitest';
import {
  interpolate,
  intervalOf,
  panelQueries,
  type Choice,
  type Dashboard,
} from '../../../sandbox/grafana/panel-queries.ts';

const at = (choices: Readonly<Record<string, Choice>>) => ({ choices, interval: 30, range: 21_600, scrape: 15 });

test.each<[string, string, Choice, string]>([
  ['one value as it stands', 'up{a="$x"}', 'j-1', 'up{a="j-1"}'],
  ['a name in braces', 'up{a="${x}"}', 'j-1', 'up{a="j-1"}'],
  ['several values as alternatives', 'up{a=~"$x"}', ['i-1', 'i-2'], 'up{a=~"(i-1|i-2)"}'],
  ['one of several without brackets', 'up{a=~"$x"}', ['i-1'], 'up{a=~"i-1"}'],
  ['what a regular expression would read, escaped', 'up{a=~"$x"}', ['a.b(c)'], String.raw`up{a=~"a\\.b\\(c\\)"}`],
  ['one value for a regular expression, escaped', 'up{a=~"${x:regex}"}', 'a.b', String.raw`up{a=~"a\\.b"}`],
  ['All with a value of its own as it stands', 'up{a=~"$x"}', { all: '.*' }, 'up{a=~".*"}'],
])('%s is put in as Grafana does', (_name, text, choice, expected) => {
  expect(interpolate(text, at({ x: choice }))).toBe(expected);
});

test('a rate is taken over four scrapes, or over a step and a scrape where that is more', () => {
  expect(interpolate('rate(x[$__rate_interval])', at({}))).toBe('rate(x[60s])');
  expect(interpolate('rate(x[$__rate_interval])', { ...at({}), interval: 300 })).toBe('rate(x[315s])');
});

test('a variable that the dashboard does not have is an error', () => {
  expect(() => interpolate('up{a="$clutser"}', at({}))).toThrow('$clutser is no variable of the dashboard');
});

test('queries of panels in collapsed rows are found, hidden ones are not', () => {
  const dashboard: Dashboard = {
    uid: 'emr-x',
    title: 'X',
    templating: { list: [] },
    panels: [
      { type: 'stat', title: 'Open', targets: [{ refId: 'A', expr: 'up', instant: true }] },
      {
        type: 'row',
        panels: [
          {
            type: 'table',
            title: 'Folded',
            datasource: { type: 'cloudwatch' },
            targets: [{ refId: 'A' }, { refId: 'B', hide: true }],
          },
        ],
      },
    ],
  };
  expect(panelQueries(dashboard)).toEqual([
    { dashboard: 'emr-x', panel: 'Open', refId: 'A', datasource: 'prometheus', expr: 'up', kind: 'instant' },
    { dashboard: 'emr-x', panel: 'Folded', refId: 'A', datasource: 'cloudwatch', expr: '', kind: 'range' },
  ]);
});

test.each([
  [21_600, 900, 20],
  [21_600, 120, 180],
  [3600, 120, 30],
  [604_800, 120, 3600],
])('%i s in %i points are a point each %i s, as Grafana rounds it', (range, points, seconds) => {
  expect(intervalOf(range, points)).toBe(seconds);
});
