import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';
import type {
  AnnotationQuery,
  Dashboard,
  DashboardLink,
  FieldConfig,
  Panel,
  RowPanel,
  VariableModel,
} from '@grafana/schema';
import type { CloudWatchMetricsQuery } from '@grafana/schema/dist/esm/raw/composable/cloudwatch/dataquery/x/CloudWatchDataQuery_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/**
 * What a file of ours may be: Grafana's own types, with what they leave open (a panel's options, its fields, its
 * queries) filled in by the types of the panel and of the data source. JSON schemas are made of these by
 * dashboard-schemas.ts, which checks the panels one by one.
 */
export interface Frame extends Omit<Dashboard, 'panels' | 'annotations' | 'templating' | 'links'> {
  readonly title: string;
  readonly uid: string;
  readonly description: string;
  readonly links: readonly DashboardLink[];
  readonly annotations: { readonly list: readonly Annotation[] };
  readonly templating: { readonly list: readonly Variable[] };
}

/** `panels` are checked one by one, too. */
export interface RowOfPanels extends Omit<RowPanel, 'panels'> {
  readonly title: string;
}

export type StatPanel = PanelOf<'stat', stat.Options, Record<string, never>>;
export type TablePanel = PanelOf<'table', table.Options, table.FieldConfig>;
export type TimeseriesPanel = PanelOf<'timeseries', timeseries.Options, timeseries.FieldConfig>;
export type CloudWatchPanel = Omit<TimeseriesPanel, 'datasource' | 'targets'> & {
  readonly datasource: ChosenCloudWatch;
  readonly targets: readonly CloudWatchQuery[];
};

interface PanelOf<Type, Options, Custom> extends Omit<
  Panel,
  'type' | 'options' | 'fieldConfig' | 'targets' | 'datasource'
> {
  readonly type: Type;
  readonly title: string;
  readonly description: string;
  readonly id: number;
  readonly datasource: ChosenPrometheus;
  readonly targets: readonly PrometheusQuery[];
  readonly options: Options;
  readonly fieldConfig: {
    readonly defaults: Fields<Custom>;
    readonly overrides: readonly {
      readonly matcher: { readonly id: 'byName'; readonly options: string };
      /** In the file a list of `{ id: 'custom.width', value }`; put together before it is checked. */
      readonly properties: Fields<Partial<Custom>>;
    }[];
  };
}

interface Fields<Custom> extends Omit<FieldConfig, 'custom' | 'links'> {
  readonly custom?: Custom;
  readonly links?: readonly { readonly title: string; readonly url: string; readonly targetBlank?: boolean }[];
}

/** The one place that says which Prometheus is asked. */
interface ChosenPrometheus {
  readonly type: 'prometheus';
  readonly uid: '${datasource}';
}

/** For what only the functions' own metrics say. */
interface ChosenCloudWatch {
  readonly type: 'cloudwatch';
  readonly uid: '${cloudwatch}';
}

type PrometheusQuery = Omit<Dataquery, '_implementsDataqueryVariant' | 'datasource' | 'refId'> & {
  readonly refId: string;
  readonly datasource: ChosenPrometheus;
};

type CloudWatchQuery = Omit<CloudWatchMetricsQuery, '_implementsDataqueryVariant' | 'datasource' | 'refId'> & {
  readonly refId: string;
  readonly datasource: ChosenCloudWatch;
};

type Variable = Omit<VariableModel, 'datasource' | 'type' | 'query'> & {
  readonly type: 'query' | 'datasource' | 'textbox';
  readonly query: string;
  readonly datasource?: ChosenPrometheus | ChosenCloudWatch;
};

/** `titleFormat` and `textFormat` are the Prometheus data source's own. */
type Annotation = Omit<AnnotationQuery, 'datasource' | 'target'> & {
  readonly datasource: ChosenPrometheus;
  readonly target: PrometheusQuery;
  readonly titleFormat: string;
  readonly textFormat: string;
};
