import type { EventSources } from './event-sources.ts';
import type { FunctionState, Lambda } from './lambda.ts';
import type { Surroundings } from './surroundings.ts';
import { notImplemented, type WireRequest } from './wire.ts';

const CONFIGURATION = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/;
const FUNCTION = /^\/2015-03-31\/functions\/([^/]+)$/;
const MAPPINGS = /^\/2015-03-31\/event-source-mappings\/?$/;

/** The operations that only look: their names, by the request. */
export function readOperation({ method, path }: WireRequest): string | undefined {
  if (method !== 'GET') return undefined;
  if (CONFIGURATION.test(path)) return 'GetFunctionConfiguration';
  if (FUNCTION.test(path)) return 'GetFunction';
  return MAPPINGS.test(path) ? 'ListEventSourceMappings' : undefined;
}

/** docs: lambda/latest/api/API_GetFunctionConfiguration, API_GetFunction, API_ListEventSourceMappings. */
export function readLambda(
  { lambda, sources, world }: { readonly lambda: Lambda; readonly sources: EventSources; readonly world: Surroundings },
  { path, query }: WireRequest,
): object {
  const arnOf = (name: string): string =>
    name.startsWith('arn:') ? name : `arn:aws:lambda:${world.region}:${world.accountId}:function:${name}`;
  const [, name] = CONFIGURATION.exec(path) ?? FUNCTION.exec(path) ?? [];
  if (name !== undefined) {
    if (query.has('Qualifier')) throw notImplemented('the parameter Qualifier of GetFunctionConfiguration');
    const configuration = configurationOf(lambda.find(arnOf(decodeURIComponent(name))));
    return CONFIGURATION.test(path) ? configuration : { Configuration: configuration, Code: {}, Tags: {} };
  }
  const wanted = query.get('FunctionName');
  const unknown = [...query.keys()].filter((key) => key !== 'FunctionName');
  if (unknown.length > 0) throw notImplemented(`the parameter ${unknown.join(', ')} of ListEventSourceMappings`);
  if (wanted !== null) lambda.find(arnOf(wanted));
  const shown = sources.all().filter(({ functionArn }) => wanted === null || functionArn === arnOf(wanted));
  return {
    EventSourceMappings: shown.map(({ uuid, functionArn, settings, enabled }) => ({
      UUID: uuid,
      FunctionArn: functionArn,
      EventSourceArn: settings.queueArn,
      State: enabled ? 'Enabled' : 'Disabled',
      BatchSize: settings.batchSize,
      MaximumBatchingWindowInSeconds: settings.windowSeconds,
      ScalingConfig: { MaximumConcurrency: settings.maxConcurrency },
    })),
  };
}

const configurationOf = ({ name, arn, timeoutMs, lastModified, configuration }: FunctionState): object => ({
  FunctionName: name,
  FunctionArn: arn,
  Timeout: timeoutMs / 1000,
  LastModified: lastModified.toISOString(),
  State: 'Active',
  LastUpdateStatus: 'Successful',
  PackageType: 'Zip',
  Version: '$LATEST',
  ...(configuration && {
    Runtime: configuration.Runtime,
    Handler: configuration.Handler,
    MemorySize: configuration.MemorySize,
    Role: configuration.Role,
    Environment: configuration.Environment,
  }),
});
