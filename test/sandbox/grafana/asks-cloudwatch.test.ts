import { expect, test } from 'vitest';
import { ASKS_CLOUDWATCH, asksCloudWatch } from '../../../sandbox/grafana/asks-cloudwatch.ts';
import { panelQueries, readDashboards } from '../../../sandbox/grafana/panel-queries.ts';

const queries = (await readDashboards()).flatMap(panelQueries);

test('panels whose data nobody sees here are listed, and no others', () => {
  const others = queries.filter(({ datasource }) => datasource !== 'prometheus');
  const panels = new Set(others.map(({ dashboard, panel }) => `${dashboard}: ${panel}`));
  expect(Object.values(ASKS_CLOUDWATCH).flat().toSorted()).toEqual([...panels].toSorted());
});

test('no query is left out of what the demo answers but those that ask CloudWatch, and they ask nothing else', () => {
  const left = queries.filter(asksCloudWatch);
  expect(left.length).toBeGreaterThan(0);
  expect(left.filter(({ datasource, expr }) => datasource !== 'cloudwatch' || expr !== '')).toEqual([]);
});
