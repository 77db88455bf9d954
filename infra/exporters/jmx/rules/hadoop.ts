import { jvm, jvmLeftOut } from './jvm.ts';
import { bean, counter, gauge, leftOut, timed, type Bean, type LeftOutBeans } from './table.ts';

const threads = (attribute: string, state: string) =>
  gauge('threads_state', attribute, 'none', 'Threads by state.', { state });

const messages = (attribute: string, level: string) =>
  counter('log_messages_total', attribute, 'none', 'Log messages by level. Hadoop before 3.4 counts them.', { level });

const authentications = (attribute: string, result: string) =>
  counter('authentications_total', attribute, 'none', 'Attempts of clients to authenticate.', { result });

const authorizations = (attribute: string, result: string) =>
  counter('authorizations_total', attribute, 'none', 'Attempts of clients to be allowed what they ask.', { result });

/** HBase has these and no others of Hadoop's. */
export const jvmMetrics = (service: string): readonly Bean[] => [
  bean(`Hadoop:service=${service},name=JvmMetrics`, 'hadoop_jvm_', {
    metrics: [
      threads('ThreadsNew', 'new'),
      threads('ThreadsRunnable', 'runnable'),
      threads('ThreadsBlocked', 'blocked'),
      threads('ThreadsWaiting', 'waiting'),
      threads('ThreadsTimedWaiting', 'timed_waiting'),
      threads('ThreadsTerminated', 'terminated'),
      counter(
        'long_pauses_total',
        'GcNumWarnThresholdExceeded',
        'none',
        'Pauses that were logged as a warning (10 s).',
      ),
      counter('pause_seconds_total', 'GcTotalExtraSleepTime', 'milliseconds', 'Time in which the whole JVM stood.'),
      messages('LogFatal', 'fatal'),
      messages('LogError', 'error'),
      messages('LogWarn', 'warn'),
      messages('LogInfo', 'info'),
    ],
    leftOut: [
      leftOut('Mem*M', 'hadoop_jvm_memory_* has it in bytes'),
      leftOut('GcCount* GcTimeMillis* GcTimePercentage', 'hadoop_jvm_gc_* has it'),
      leftOut('GcNumInfoThresholdExceeded', 'pauses of a second are no reason to act'),
    ],
  }),
];

const rpc = (service: string): readonly Bean[] => [
  bean(`Hadoop:service=${service},name=RpcActivityForPort*`, 'hadoop_rpc_', {
    labels: { port: '$1' },
    metrics: [
      counter('calls_total', 'RpcQueueTimeNumOps', 'none', 'Calls taken from the queue.'),
      gauge('queue_average_seconds', 'RpcQueueTimeAvgTime', 'milliseconds', 'Average time of a call in the queue.'),
      gauge('processing_average_seconds', 'RpcProcessingTimeAvgTime', 'milliseconds', 'Average time to answer a call.'),
      gauge('call_queue_length', 'CallQueueLength', 'none', 'Calls that wait.'),
      gauge('open_connections', 'NumOpenConnections', 'none', 'Connections of clients.'),
      counter(
        'dropped_connections_total',
        'NumDroppedConnections',
        'none',
        'Connections refused for there were too many.',
      ),
      counter('client_backoffs_total', 'RpcClientBackoff', 'none', 'Calls that were told to come back later.'),
      counter('slow_calls_total', 'RpcSlowCalls', 'none', 'Calls that took far longer than the others.'),
      counter('received_bytes_total', 'ReceivedBytes', 'bytes', 'Bytes received.'),
      counter('sent_bytes_total', 'SentBytes', 'bytes', 'Bytes sent.'),
      authentications('RpcAuthenticationSuccesses', 'success'),
      authentications('RpcAuthenticationFailures', 'failure'),
      authorizations('RpcAuthorizationSuccesses', 'success'),
      authorizations('RpcAuthorizationFailures', 'failure'),
    ],
    leftOut: [
      leftOut('RpcProcessingTimeNumOps TotalRequests RpcCallSuccesses', 'calls_total, nearly'),
      leftOut('TotalRequestsPerSecond', 'a rate of calls_total'),
      leftOut('RpcEnQueueTime* RpcResponseTime* RpcLockWaitTime* DeferredRpc*', 'parts of a call: profiling'),
      leftOut(
        'NumInProcessHandler RpcRequeueCalls RpcClientBackoffDisconnected',
        'only in Hadoop 3.4, nobody acts on it',
      ),
    ],
  }),
];

const logins = (service: string): readonly Bean[] => [
  bean(`Hadoop:service=${service},name=UgiMetrics`, 'hadoop_ugi_', {
    metrics: [
      counter('login_failures_total', 'LoginFailureNumOps', 'none', 'Kerberos logins of the daemon that failed.'),
      counter('renewal_failures_total', 'RenewalFailuresTotal', 'none', 'Renewals of the Kerberos ticket that failed.'),
      ...timed('get_groups', 'GetGroups', 'milliseconds', "Look-ups of a user's groups"),
    ],
    leftOut: [
      leftOut('LoginSuccess* LoginFailureAvgTime', 'nobody acts on it'),
      leftOut('RenewalFailures', 'renewal_failures_total, since the last success'),
    ],
  }),
];

/** What every Hadoop daemon has. */
export const hadoop = (service: string, process: readonly Bean[] = jvm()): readonly Bean[] => [
  ...process,
  ...jvmMetrics(service),
  ...rpc(service),
  ...logins(service),
];

export const hadoopLeftOut = (service: string): readonly LeftOutBeans[] =>
  [
    { name: 'HttpServer2-*', reason: 'a changing name, and nobody acts on it' },
    { name: 'MetricsSystem,sub=*', reason: 'about metrics sinks, of which EMR has none' },
    { name: 'DelegationTokenSecretManagerMetrics', reason: 'nobody acts on it' },
  ]
    .map(({ name, reason }) => ({ objectName: `Hadoop:service=${service},name=${name}`, reason }))
    .concat(jvmLeftOut);

export const rpcDetailedLeftOut = (service: string): LeftOutBeans => ({
  objectName: `Hadoop:service=${service},name=RpcDetailedActivityForPort*`,
  reason: 'two series for each of up to a hundred methods: profiling',
});
