import type { AnnotationQuery, Dashboard, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  TimePickerBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { linksAtTop, TAG } from './links.ts';
import { DATASOURCE, overTime } from './query.ts';
import type { Row } from './rows.ts';
import { arrange } from './rows.ts';
import { FIRING, IN_CLUSTER } from './selectors.ts';

export interface Screen {
  /** `fleet` becomes the uid `emr-fleet` and the file `emr-fleet.json`. */
  readonly name: string;
  readonly title: string;
  /** Who opens it, and when. */
  readonly description: string;
  readonly variables: readonly VariableModel[];
  readonly rows: readonly Row[];
  /** The time shown at first. */
  readonly from?: string;
}

/** A dashboard with what all of ours share: links, alerts as annotations, time, refresh. */
export function dashboard({ name, title, description, variables, rows, from }: Screen): Dashboard {
  const built = new DashboardBuilder(title)
    .uid(`emr-${name}`)
    .description(description)
    .tags([TAG])
    .timezone('browser')
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: from ?? 'now-6h', to: 'now' })
    .timepicker(new TimePickerBuilder().refreshIntervals(['15s', '30s', '1m', '5m', '15m', '1h']))
    .refresh('1m')
    .build();
  const ofCluster = variables.some((variable) => variable.name === 'cluster_id' && variable.multi !== true);
  return {
    ...built,
    links: [linksAtTop()],
    templating: { list: [...variables] },
    annotations: { list: ofCluster ? [alerts()] : [] },
    panels: [...arrange(rows)],
  };
}

/** A line where an alert of the cluster fires. */
function alerts(): AnnotationQuery {
  const expr = `ALERTS{${FIRING}, ${IN_CLUSTER}}`;
  const {
    placement: _menu,
    builtIn: _builtIn,
    expr: _expr,
    ...annotation
  } = new AnnotationQueryBuilder()
    .name('Alerts')
    .datasource(DATASOURCE)
    .iconColor('red')
    .target(overTime({ expr }, 0))
    .titleFormat('{{alertname}}')
    .textFormat('{{severity}} {{node_name}} {{daemon}}')
    .build();
  return annotation;
}
