import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import type { PanelText, Steps, Unplaced } from './panel.ts';
import { NEUTRAL, thresholds } from './panel.ts';
import type { Query } from './query.ts';
import { asOfNow, DATASOURCE } from './query.ts';

export interface Stat extends PanelText {
  /** One query or several, each a number of its own. */
  readonly queries: readonly Query[];
  readonly steps?: Steps;
  readonly mappings?: readonly ValueMapping[];
  /** `name` shows the legend instead of the number: a state that is a label. */
  readonly show?: 'name';
  /** What is shown where there is no series; a dash says that nothing is known. */
  readonly noValue?: string;
  /** Where a click on the number leads: see links.ts. */
  readonly link?: { readonly title: string; readonly url: string };
}

/** One number, large, as of now. */
export function stat(spec: Stat): Unplaced {
  const panel = new PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .datasource(DATASOURCE)
    .span(spec.width ?? 4)
    .height(spec.height ?? 4)
    .targets(spec.queries.map(asOfNow))
    .unit(spec.unit ?? 'short')
    .thresholds(thresholds(spec.steps ?? NEUTRAL))
    .mappings([...(spec.mappings ?? [])])
    .noValue(spec.noValue ?? '–')
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .textMode(textMode(spec))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''));
  if (spec.decimals !== undefined) panel.decimals(spec.decimals);
  const built = panel.build();
  if (spec.link === undefined) return built;
  // The SDK's type is that of a dashboard's links, which have more.
  const defaults = Object.assign({}, built.fieldConfig?.defaults, { links: [spec.link] });
  return { ...built, fieldConfig: { overrides: [], ...built.fieldConfig, defaults } };
}

function textMode({ show, queries }: Stat): BigValueTextMode {
  if (show === 'name') return BigValueTextMode.Name;
  return queries.length > 1 ? BigValueTextMode.ValueAndName : BigValueTextMode.Auto;
}
