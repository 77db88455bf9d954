/** What only the functions' own metrics say: Grafana's built-in CloudWatch data source asks for them. */
import {
  MetricEditorMode,
  MetricQueryType,
  MetricsQueryBuilder,
  QueryMode,
} from '@grafana/grafana-foundation-sdk/cloudwatch';
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelText, Unplaced } from './panel.ts';
import { timeseries } from './timeseries.ts';
import { tidy } from './variables.ts';

const CLOUDWATCH = { type: 'cloudwatch', uid: '${cloudwatch}' } as const;
/** POWERTOOLS_METRICS_NAMESPACE of serverless.yml. */
const NAMESPACE = 'PrometheusOnEmr';

export interface Metric {
  readonly metric: string;
  readonly statistic: 'Sum' | 'Maximum';
  /** Beside `service`; a line for each of their values. */
  readonly dimensions?: readonly string[];
  /** More of a search expression: `outcome="failed"`. */
  readonly only?: string;
  /** Empty: CloudWatch names each line by the values of its dimensions. */
  readonly legend: string;
}

/** The functions send their metrics once a minute. */
const PERIOD_SECONDS = 60;

const query = ({ metric, statistic, dimensions = [], only = '', legend }: Metric, position: number) => {
  const schema = [NAMESPACE, 'service', ...dimensions].join(',');
  const search = `{${schema}} MetricName="${metric}" service="$service" ${only}`.trim();
  return new MetricsQueryBuilder()
    .datasource(CLOUDWATCH)
    .refId(String.fromCharCode('A'.charCodeAt(0) + position))
    .id(`q${position}`)
    .queryMode(QueryMode.Metrics)
    .metricQueryType(MetricQueryType.Search)
    .metricEditorMode(MetricEditorMode.Code)
    .region('$region')
    .expression(`SEARCH('${search}', '${statistic}', ${PERIOD_SECONDS})`)
    .label(legend)
    .build();
};

/** Lines over the time shown, of the functions' metrics. */
export function fromCloudWatch(spec: PanelText & { readonly metrics: readonly Metric[] }): Unplaced {
  const { metrics, ...text } = spec;
  return { ...timeseries({ ...text, queries: [] }), datasource: CLOUDWATCH, targets: metrics.map(query) };
}

export const CLOUDWATCH_VARIABLES = [
  tidy(new DatasourceVariableBuilder('cloudwatch').label('CloudWatch').type('cloudwatch').build()),
  /** `default` is the data source's own. */
  tidy(
    new TextBoxVariableBuilder('region')
      .label('Region')
      .defaultValue('default')
      .current({ selected: true, text: 'default', value: 'default' })
      .build(),
  ),
  /** The stacks that have sent metrics of late: of most hosts, one. */
  tidy(
    new QueryVariableBuilder('service')
      .label('Stack')
      .datasource(CLOUDWATCH)
      .query(`dimension_values($region, ${NAMESPACE}, Clusters, service)`)
      .refresh(VariableRefresh.OnDashboardLoad)
      .build(),
  ),
] as const;
