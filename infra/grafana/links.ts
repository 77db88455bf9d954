import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';

/** Every dashboard has it, and the links at the top find them by it. */
export const TAG = 'prometheus-on-emr';

/** All our dashboards at the top of each, with the time and the variables of this one. */
export const linksAtTop = () => {
  const { placement: _menu, ...link } = new DashboardLinkBuilder('Dashboards')
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .includeVars(true)
    .keepTime(true)
    .build();
  return link;
};

/**
 * Another dashboard with the time shown, the same Prometheus and what the row says: `{ instance: 'instance' }` gives the
 * variable what the row's column of this label has, `{ cluster_id: '$cluster_id' }` what is chosen here. A label that is
 * no column is not known to Grafana. `percentencode`, for a cluster's name may have any character.
 */
export const linkTo = (name: string, title: string, variables: Readonly<Record<string, string>>) => ({
  title,
  url: [
    `/d/emr-${name}?\${__url_time_range}&\${datasource:queryparam}`,
    ...Object.entries(variables).map(([variable, from]) =>
      from.startsWith('$')
        ? `var-${variable}=\${${from.slice(1)}:percentencode}`
        : `var-${variable}=\${__data.fields["${from}"]:percentencode}`,
    ),
  ].join('&'),
});

/** A panel of a dashboard, alone on the screen: by the number that rows.ts gives it. */
export const linkToPanel = (name: string, { title, id }: { readonly title: string; readonly id: number }) => ({
  title,
  url: `/d/emr-${name}?\${__url_time_range}&\${datasource:queryparam}&viewPanel=panel-${id}`,
});
