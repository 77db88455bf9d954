import * as z from 'zod/mini';
import { cut, disturbedCall } from './disturbed-call.ts';
import type { Surroundings } from './surroundings.ts';
import { notImplemented, WireFault, type WireHandler, type WireResponse } from './wire.ts';

export type Operation = (input: unknown) => unknown;

/** Reads the input by its schema before `run` sees it. A parameter the schema does not have is one we do not model. */
export const operation =
  <Schema extends z.ZodMiniType>(schema: Schema, run: (input: z.output<Schema>) => unknown): Operation =>
  (input) => {
    const read = z.safeParse(schema, input);
    if (read.success) return run(read.data);
    const unknown = read.error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
    if (unknown.length > 0) throw notImplemented(`the parameter ${unknown.join(', ')}`);
    const problems = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new WireFault('ValidationException', `${problems.length} validation error detected: ${problems.join('; ')}`);
  };

/** AWS JSON 1.1 (docs: smithy.io/2.0/aws/protocols/aws-json-1_1-protocol): X-Amz-Target says the operation. */
export const jsonHandler =
  (
    service: string,
    operations: Readonly<Record<string, Operation>>,
    world: Surroundings,
    admit: (operation: string) => void = () => undefined,
  ): WireHandler =>
  async ({ headers, body }) => {
    const target = headers['x-amz-target'] ?? '';
    const name = target.startsWith(`${service}.`) ? target.slice(service.length + 1) : '';
    try {
      const run = operations[name];
      if (run === undefined) throw notImplemented(`the operation ${target}`);
      admit(name);
      const input = parseJson(new TextDecoder().decode(body) || '{}');
      const { answer, broken } = await disturbedCall(name, world, () => run(input));
      const text = JSON.stringify(answer ?? {});
      return { ...respond(200, text), ...cut(broken, text) };
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      return respond(error.status, JSON.stringify({ __type: error.code, message: error.message }));
    }
  };

/** JSON from outside. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new WireFault('SerializationException', String(error));
  }
}

const respond = (status: number, body: string): WireResponse => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body,
});

/** Dates travel as seconds since 1970. */
export const epoch = (date: Date | undefined): number | undefined =>
  date === undefined ? undefined : date.getTime() / 1000;

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** One page of a list. `token` is the position that the page before answered. */
export function page<T>(
  items: readonly T[],
  token: string | undefined,
  size: number,
  invalid: () => WireFault,
): Page<T> {
  const start = token === undefined || token === '' ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0 || start > items.length) throw invalid();
  const end = start + size;
  const next = end < items.length ? Buffer.from(String(end)).toString('base64url') : undefined;
  return { items: items.slice(start, end), next };
}
