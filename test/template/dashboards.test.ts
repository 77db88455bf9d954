import { beforeAll, expect, test } from 'vitest';
import type { CommittedDashboard } from '../infra/grafana/committed-files.ts';
import { committedDashboards } from '../infra/grafana/committed-files.ts';
import type { Check } from '../infra/grafana/dashboard-schemas.ts';
import { createCheck } from '../infra/grafana/dashboard-schemas.ts';

let check: Check;
beforeAll(() => {
  check = createCheck();
}, 60_000);

test.each(committedDashboards)("$uid is what Grafana's types say a dashboard is", (dashboard) => {
  expect(check(dashboard)).toEqual([]);
});

/** A whole dashboard with one small fault: what people get wrong when they write JSON by hand. */
const broken = (from: string, to: string): CommittedDashboard => {
  const text = JSON.stringify(committedDashboards.find(({ uid }) => uid === 'emr-nodes'));
  if (!text.includes(from)) throw new Error(`emr-nodes has no ${from}`);
  return JSON.parse(text.replace(from, to)) as CommittedDashboard;
};

test.each([
  ['a misspelt key of the dashboard', '"graphTooltip"', '"graphToolTip"', '"graphToolTip"'],
  ['an unknown enum of the dashboard', '"refresh":2', '"refresh":7', 'must be equal to one of'],
  ['a misspelt key of a panel', '"targets"', '"target"', '"target"'],
  ['a misspelt key of a query', '"legendFormat"', '"legend"', '"legend"'],
  [
    'a data source that is not the chosen one',
    '"${datasource}"},"gridPos"',
    '"prometheus"},"gridPos"',
    '"${datasource}"',
  ],
  ['a misspelt option', '"showLegend"', '"showLegends"', '"showLegends"'],
  ['an unknown option', '"placement":"bottom"', '"placement":"below"', '/options/legend/placement'],
  ['a misspelt key of the fields', '"fillOpacity"', '"opacity"', '"opacity"'],
  [
    'an unknown value of the fields',
    '"showPoints":"never"',
    '"showPoints":"no"',
    '/fieldConfig/defaults/custom/showPoints',
  ],
  ['an unknown mode of thresholds', '"mode":"absolute"', '"mode":"absolut"', 'thresholds/mode'],
  ['a misspelt override', '"id":"custom.width"', '"id":"custom.breadth"', '"breadth"'],
  ['an override with an unknown value', '"type":"gauge"', '"type":"gauges"', 'cellOptions'],
  ['a panel that needs a plugin', '"type":"timeseries"', '"type":"graph"', 'type graph is none of'],
])('%s is named', (_what, from, to, named) => {
  expect(check(broken(from, to)).join('\n')).toContain(named);
});
