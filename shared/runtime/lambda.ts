import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import wrap from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Env } from './config.ts';
import { flushMetrics, log, logger } from './telemetry.ts';

/**
 * The only place that touches middy and `process.env`. Returns the wrapped handler: export that, never `run`.
 * The app is built once per container, on its first event, so that a bad configuration is logged like any failure.
 */
export function lambda<App, In, Out>(
  build: (env: Env) => App,
  run: (event: In, app: App) => Promise<Out>,
): (event: In, context: Context) => Promise<Out> {
  let app: App | undefined;
  const handler = async (event: In): Promise<Out> => {
    app ??= build(process.env);
    return await run(event, app);
  };
  return wrap<In, Out>(handler)
    .use(injectLambdaContext(logger))
    .after(flushMetrics)
    .onError(({ error }) => {
      // Logged here, once, and rethrown by middy. What was counted until then is kept.
      log.error('function failed', { error });
      flushMetrics();
    });
}
