import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { FromContainer, ToContainer } from './lambda-container.ts';

/**
 * Runs inside the container's process, as Lambda's Node runtime does: imports the handler once, then one event at a
 * time. docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 */
type Handler = (event: unknown, context: unknown) => Promise<unknown>;

const { env } = process;

async function load(): Promise<Handler> {
  const [, file = '', name = ''] = /^(.+)\.([^.]+)$/.exec(env['_HANDLER'] ?? '') ?? [];
  const module = (await import(await locate(join(env['LAMBDA_TASK_ROOT'] ?? '', file)))) as Record<string, unknown>;
  if (typeof module[name] !== 'function') {
    throw Object.assign(new Error(`${env['_HANDLER']} is undefined or not exported`), {
      name: 'Runtime.HandlerNotFound',
    });
  }
  return module[name] as Handler;
}

async function locate(base: string): Promise<string> {
  for (const path of [`${base}.js`, `${base}.mjs`, `${base}.cjs`]) {
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw Object.assign(new Error(`Cannot find module '${base}'`), { name: 'Runtime.ImportModuleError' });
}

function contextOf({ requestId, functionArn, deadline }: ToContainer) {
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: env['AWS_LAMBDA_FUNCTION_VERSION'],
    invokedFunctionArn: functionArn,
    logGroupName: env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: env['AWS_LAMBDA_LOG_STREAM_NAME'],
    memoryLimitInMB: env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

const answer = (message: FromContainer): void => void process.send?.(message);
const toError = (error: unknown, fatal: boolean): FromContainer =>
  error instanceof Error
    ? { kind: 'error', errorType: error.name, message: error.message, fatal }
    : { kind: 'error', errorType: 'Error', message: String(error), fatal };

// Whoever started us is gone: so is the container.
process.on('disconnect', () => process.exit(0));
const handler = load();
// Reported with the first invocation, as Lambda does.
handler.catch(() => {});
process.on('message', (message: ToContainer) => {
  env['_X_AMZN_TRACE_ID'] = `Root=1-${message.requestId}`;
  handler.then(
    (run) => serve(run, message),
    (error: unknown) => answer(toError(error, true)),
  );
});

async function serve(run: Handler, message: ToContainer): Promise<void> {
  try {
    const result = await run(JSON.parse(message.payload), contextOf(message));
    answer({ kind: 'result', payload: JSON.stringify(result ?? null) });
  } catch (error) {
    answer(toError(error, false));
  }
}
