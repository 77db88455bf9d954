import { createApp } from '../shared/app.ts';
import { backfillAll } from '../shared/backfill.ts';
import type { Report } from '../shared/backfill-report.ts';
import { parseRequest } from '../shared/backfill-request.ts';
import type { App } from '../shared/ports.ts';
import { lambda } from '../shared/runtime/lambda.ts';

/** By hand: reports what would be done, and unless `dryRun` rings the doorbell, so that acting happens in one place. */
export const backfill = (event: unknown, app: App): Promise<Report> =>
  backfillAll(parseRequest(event, app.settings), app);

export const handler = lambda((env) => createApp(env, 'backfill'), backfill);
