import { createApp } from '../shared/app.ts';
import type { App } from '../shared/ports.ts';
import { lambda } from '../shared/runtime/lambda.ts';
import { sweepAll } from '../shared/sweep.ts';

/** Every minute: finds what no event told us. It has no retry and no dead letter: the next minute is the retry. */
export const sweep = (_event: unknown, app: App): Promise<void> => sweepAll(app);

export const handler = lambda((env) => createApp(env, 'sweep'), sweep);
