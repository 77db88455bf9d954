/** The packaged sweep in a process of its own, as Lambda runs it: a run for each message. Started by sweep.ts. */
import { spent } from './spent.ts';

type Handler = (event: unknown, context: object) => Promise<unknown>;

const { handler } = (await import(process.argv[2] ?? '')) as { readonly handler: Handler };
const context = { functionName: 'sweep', memoryLimitInMB: '512', awsRequestId: '1' };
process.on('message', () => void spent(() => handler({}, context)).then((took) => process.send?.(took)));
process.on('disconnect', () => process.exit());
process.send?.('ready');
