import { parseJson } from './aws-json.ts';
import { cut, disturbedCall } from './disturbed-call.ts';
import type { EventSources } from './event-sources.ts';
import { FunctionError, type Lambda } from './lambda.ts';
import { readLambda, readOperation } from './lambda-read.ts';
import type { Surroundings } from './surroundings.ts';
import { notImplemented, WireFault, type WireHandler, type WireRequest, type WireResponse } from './wire.ts';

/** Lambda's REST paths begin with an API version. */
export const LAMBDA_PATH = '/2015-03-31/';

const functionNameOf = ({ method, path }: WireRequest): string | undefined => {
  const [, name] = (method === 'POST' && /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path)) || [];
  return name && decodeURIComponent(name);
};

export const lambdaOperation = (request: WireRequest): string =>
  functionNameOf(request) === undefined ? (readOperation(request) ?? `${request.method} ${request.path}`) : 'Invoke';

/** Errors of Lambda's own, and their statuses (docs: lambda/latest/api/API_Invoke); all others are the function's. */
const STATUS: Readonly<Record<string, number>> = { ResourceNotFoundException: 404, TooManyRequestsException: 429 };

/** docs: lambda/latest/api/API_Invoke */
export function lambdaHandler(lambda: Lambda, sources: EventSources, world: Surroundings): WireHandler {
  const { region, accountId } = world;
  /** The API takes a name, an ARN, or the ARN's end. */
  const arnOf = (name: string): string =>
    name.startsWith('arn:') ? name : `arn:aws:lambda:${region}:${accountId}:function:${name.split(':').at(-1)}`;

  async function invoke(arn: string, { headers, body }: WireRequest): Promise<WireResponse & { body: string }> {
    const text = new TextDecoder().decode(body) || '{}';
    const event = parseJson(text);
    if (headers['x-amz-invocation-type'] === 'Event') {
      lambda.invokeAsync(arn, text);
      return { status: 202, headers: {}, body: '' };
    }
    const executed = { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST' };
    try {
      return { status: 200, headers: executed, body: JSON.stringify(await lambda.invoke(arn, event)) };
    } catch (error) {
      if (!(error instanceof FunctionError) || error.errorType in STATUS) throw error;
      // "Unhandled" is what Lambda says of whatever a function throws, and of its timeouts and exits.
      const failed = { ...executed, 'x-amz-function-error': 'Unhandled' };
      const payload = { errorType: error.errorType, errorMessage: error.message };
      return { status: 200, headers: failed, body: JSON.stringify(payload) };
    }
  }

  return async (request) => {
    try {
      const read = readOperation(request);
      if (read !== undefined) {
        const run = () => JSON.stringify(readLambda({ lambda, sources, world }, request));
        const { answer, broken } = await disturbedCall(read, world, run);
        return { status: 200, headers: { 'content-type': 'application/json' }, body: answer, ...cut(broken, answer) };
      }
      const name = functionNameOf(request);
      if (name === undefined) throw notImplemented(`the operation lambda:${lambdaOperation(request)}`);
      refuseUnmodelled(request);
      const { answer, broken } = await disturbedCall('Invoke', world, () => invoke(arnOf(name), request));
      return { ...answer, ...cut(broken, answer.body) };
    } catch (error) {
      return refusal(error);
    }
  };
}

function refuseUnmodelled({ query, headers }: WireRequest): void {
  if (query.has('Qualifier')) throw notImplemented('the parameter Qualifier of Invoke');
  const log = headers['x-amz-log-type'] ?? 'None';
  if (log !== 'None') throw notImplemented(`the log type ${log} of Invoke`);
  const type = headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type === 'DryRun') throw notImplemented('the invocation type DryRun');
}

function refusal(error: unknown): WireResponse {
  if (error instanceof FunctionError) return refused(STATUS[error.errorType] ?? 500, error.errorType, error.message);
  if (error instanceof WireFault) return refused(error.status, error.code, error.message);
  throw error;
}

/** REST JSON names the error in a header. */
const refused = (status: number, code: string, message: string): WireResponse => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
  body: JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message: message }),
});
