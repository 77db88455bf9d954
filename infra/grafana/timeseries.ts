import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { PanelText, Steps, Unplaced } from './panel.ts';
import { thresholds } from './panel.ts';
import { maxPoints } from './points.ts';
import type { Query } from './query.ts';
import { DATASOURCE, overTime } from './query.ts';

/** A unit that is not the panel's needs a name that is plain text; Grafana gives the line an axis of its own. */
type Line = Query & ({ readonly unit?: never } | { readonly legend: string; readonly unit: string });

export interface Timeseries extends PanelText {
  readonly queries: readonly Line[];
  /** One upon the other: for parts of a whole. */
  readonly stacked?: boolean;
  /** The axis ends here at the latest; shares end at 1. */
  readonly max?: number;
  /** What stands there instead of lines where no query has an answer; "No data" says Grafana itself. */
  readonly noValue?: string;
  /** Lines across the panel, where something becomes bad. */
  readonly steps?: Steps;
}

/** Half the screen: two panels stand side by side. */
const HALF = 12;
/** Fifty nodes in a legend are a list to scroll: the highest twenty stand in it, the others in the tooltip. */
const LEGEND_LIMIT = 20;

/** Lines over the time shown, with a table of them below: highest first. */
export function timeseries(spec: Timeseries): Unplaced {
  const width = spec.width ?? HALF;
  const panel = new PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .datasource(DATASOURCE)
    .span(width)
    .height(spec.height ?? 8)
    .targets(spec.queries.map(overTime))
    .unit(spec.unit ?? 'short')
    .min(0)
    .lineWidth(1)
    .fillOpacity(spec.stacked ? 40 : 0)
    .showPoints(VisibilityMode.Never)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  const points = maxPoints(spec.queries);
  if (points !== undefined) panel.maxDataPoints(points);
  if (spec.decimals !== undefined) panel.decimals(spec.decimals);
  if (spec.max !== undefined) panel.max(spec.max);
  if (spec.noValue !== undefined) panel.noValue(spec.noValue);
  if (spec.stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (spec.steps) {
    panel.thresholds(thresholds(spec.steps));
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  for (const { name, unit } of ownUnits(spec.queries)) panel.overrideByName(name, [{ id: 'unit', value: unit }]);
  const built = panel.build();
  const options = built.options as Record<string, unknown>;
  return { ...built, options: { ...options, legend: legend(width) } };
}

const ownUnits = (queries: readonly Line[]) =>
  queries.flatMap((line) => (line.unit === undefined ? [] : [{ name: line.legend, unit: line.unit }]));

const legend = (width: number) => ({
  ...new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.Table)
    .placement(width > HALF ? LegendPlacement.Right : LegendPlacement.Bottom)
    .calcs(['max', 'lastNotNull'])
    .sortBy('Max')
    .sortDesc(true)
    .build(),
  limit: LEGEND_LIMIT,
});
