import { ConfigError, UnavailableError, UnknownClusterError } from '../core/errors.ts';

/** Refused for now, and certainly not carried out. EMR and SSM say so with status 400, S3 and EC2 mostly with 503. */
const THROTTLED = new Set([
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'SlowDown',
]);

/** Nobody knows whether the call was carried out. Names of SDK errors without a 5xx status, codes of Node's sockets. */
const INTERRUPTED = new Set([
  'TimeoutError',
  'RequestTimeout',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** No credentials to call with at all: the SDK throws it before any request is made. */
const NO_CREDENTIALS = 'CredentialsProviderError';

interface Traits {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly status: number;
}

/** What SDK, HTTP and socket errors have in common; empty where absent. */
function traitsOf(error: unknown): Traits {
  const {
    name = '',
    message = String(error),
    code = '',
    $metadata,
  } = (error ?? {}) as Partial<Traits> & { readonly $metadata?: { readonly httpStatusCode?: number } };
  return { name, message, code, status: $metadata?.httpStatusCode ?? 0 };
}

export const awsCode = (error: unknown): string => traitsOf(error).name;
export const awsMessage = (error: unknown): string => traitsOf(error).message;
export const httpStatus = (error: unknown): number => traitsOf(error).status;

export const isThrottled = (error: unknown): boolean => {
  const { name, status } = traitsOf(error);
  return THROTTLED.has(name) || status === 429;
};

/** A body that ends too early or is no JSON or XML comes with the 2xx status of the answer that it broke. */
const isInterrupted = ({ name, code, status }: Traits): boolean =>
  INTERRUPTED.has(name) || INTERRUPTED.has(code) || status >= 500 || (status >= 200 && status < 300);

/** EMR: InvalidRequestException "Cluster id 'j-…' is not valid." */
const isUnknownCluster = ({ name, message }: Traits): boolean =>
  name === 'InvalidRequestException' && /cluster id .*is not valid/i.test(message);

/** The one place that says what an AWS failure means to us. What is no AWS failure comes back as it is: a bug, or said already. */
export function toAppError(operation: string, cause: unknown): unknown {
  const traits = traitsOf(cause);
  const { name, code, message, status } = traits;
  const said = `${operation}: ${[name, code].filter((word) => word !== '' && word !== 'Error').join(' ')}: ${message}`;
  if (isUnknownCluster(traits)) return new UnknownClusterError(said, { cause });
  if (isThrottled(cause) || isInterrupted(traits)) return new UnavailableError(said, { cause });
  // Denied, expired, not found, not valid: the same call will fail again until a person mends something.
  if (status >= 400 || name === NO_CREDENTIALS) return new ConfigError(said, { cause });
  return cause;
}

/** Runs AWS calls; what it throws of AWS's is an AppError that names the operation. */
export async function aws<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw toAppError(operation, cause);
  }
}

/** A field that AWS always sends though its type says it may be absent. */
export function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new UnavailableError(`AWS answered without ${field}`);
  return value;
}

/**
 * Every item of every page. A failing page throws, and so does a page without its list: a short list looks like
 * "those nodes ended" (docs/adr/0004).
 */
export async function everyItem<Page, Item>(
  operation: string,
  pages: AsyncIterable<Page>,
  list: (page: Page) => readonly Item[] | undefined,
): Promise<readonly Item[]> {
  return await aws(operation, async () => {
    const items: Item[] = [];
    for await (const page of pages) items.push(...required(list(page), `the list of ${operation}`));
    return items;
  });
}

/** AWS takes ids by the chunk. */
export const chunksOf = <T>(size: number, items: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
