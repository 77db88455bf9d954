import { asked, ALL, tidy } from '../variables.ts';
import { IN_CLUSTER } from '../selectors.ts';

/** The series of the chosen applications. */
export const APPLICATION = `${IN_CLUSTER}, application_id=~"$application_id"`;
export const LEGEND = '{{application_id}}';
export const PROCESS = '{{application_id}} {{executor_id}}';

/** Of each application, all its processes together. */
export const ofApplication = (name: string, labels = ''): string =>
  `sum by (application_id) (spark_${name}{${APPLICATION}${labels}})`;

/** graphite_exporter calls every counter a gauge; a process's own starts at nothing and ends with it. */
export const rateOfApplication = (name: string, labels = ''): string =>
  `sum by (application_id) (rate(spark_${name}{${APPLICATION}${labels}}[$__rate_interval]))`;

export const rateOfAll = (name: string, labels = ''): string =>
  `sum(rate(spark_${name}{${APPLICATION}${labels}}[$__rate_interval]))`;

/** Within the time shown, of processes that have ended meanwhile, too. */
export const withinTime = (name: string, labels = ''): string =>
  `sum(increase(spark_${name}{${APPLICATION}${labels}}[$__range]))`;

const INFO = `last_over_time(spark_application_info{${IN_CLUSTER}}[$__range])`;
const DRIVERS = `last_over_time(spark_scheduler_active_jobs{${IN_CLUSTER}}[$__range])`;

/**
 * Applications that ran within the time shown, by name where the master tells it (spark_application_info), else by id.
 * `topk`: a menu of thousands is none.
 */
export const application = tidy(
  asked(
    'application_id',
    'Application',
    `query_result(topk(500, max by (application_id, application_name) (${INFO}) or max by (application_id) (${DRIVERS}) unless on (application_id) ${INFO}))`,
  )
    .regex('/application_id="(?<value>[^"]+)"(?:,application_name="(?<text>[^"]+)")?/')
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current(ALL)
    .build(),
);
