/** A child process's main: one container of Lambda, in which a handler runs twice. Its stdout is the function's log. */
import type { Context } from 'aws-lambda';
import { lambda } from '../../shared/runtime/lambda.ts';
import { log, meter } from '../../shared/runtime/telemetry.ts';

let built = 0;
const handler = lambda(
  (env) => {
    built += 1;
    if (env['BROKEN'] === 'build') throw new Error('environment: BUCKET is missing');
    return { env };
  },
  (event: { readonly clusterId: string }, { env }) => {
    log.info('decided', { clusterId: event.clusterId, built });
    meter.count('OrdersSent', 1, {}, { clusterId: 'j-A' });
    meter.count('OrdersSent', 1, {}, { clusterId: 'j-B', node: 'i-1' });
    meter.count('OrdersEnded', 1, { exporter: 'node', outcome: 'failed' });
    meter.gauge('SweepLag', 1, 'Seconds');
    meter.gauge('SweepLag', 61, 'Seconds');
    if (env['BROKEN'] === 'run') throw new Error('no luck', { cause: new Error('ECONNRESET') });
    return Promise.resolve(env['STAGE']);
  },
);

const context = { awsRequestId: 'request-1', functionName: 'sweep', getRemainingTimeInMillis: () => 60_000 };
for (const clusterId of ['j-1', 'j-2']) {
  try {
    const answer = await handler({ clusterId }, context as Context);
    process.stderr.write(`answered ${answer}\n`);
  } catch (error) {
    process.stderr.write(`threw ${String(error)}\n`);
  }
}
