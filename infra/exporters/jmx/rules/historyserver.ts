import { hadoop, hadoopLeftOut } from './hadoop.ts';
import { jvm } from './jvm.ts';
import { bean, counter, leftOut, type Bean, type DaemonRules } from './table.ts';

const PREFIX = 'mapreduce_historyserver_';

const requests = (attribute: string, request: string) =>
  counter('requests_total', attribute, 'none', 'Requests of clients by kind.', { request });

// The only numbers of its own that it has. Without the port, for only one port has these methods.
const clients: Bean = bean('Hadoop:service=JobHistoryServer,name=RpcDetailedActivityForPort*', PREFIX, {
  metrics: [
    requests('GetJobReportNumOps', 'job_report'),
    requests('GetCountersNumOps', 'counters'),
    requests('GetTaskReportNumOps', 'task_report'),
    requests('GetTaskReportsNumOps', 'task_reports'),
    requests('GetTaskAttemptReportNumOps', 'task_attempt_report'),
    requests('GetTaskAttemptCompletionEventsNumOps', 'task_attempt_completion_events'),
    requests('GetDiagnosticsNumOps', 'diagnostics'),
    requests('GetDelegationTokenNumOps', 'delegation_token'),
    counter('request_errors_total', 'IOExceptionNumOps', 'none', 'Requests that ended in an error.'),
  ],
  leftOut: [leftOut('*', 'times and other methods: profiling')],
});

export const historyServer: DaemonRules = {
  daemon: 'historyserver',
  isTested: true,
  beans: [clients, ...hadoop('JobHistoryServer', jvm(PREFIX))],
  leftOut: hadoopLeftOut('JobHistoryServer'),
};
