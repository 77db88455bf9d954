import { cut, disturbedCall } from './disturbed-call.ts';
import { type Xml, xml } from './query-xml.ts';
import type { Surroundings } from './surroundings.ts';
import { notImplemented, WireFault, type WireHandler, type WireRequest, type WireResponse } from './wire.ts';

/** A form's parameters; an empty one counts as absent. */
export interface Form {
  text(name: string): string | undefined;
  required(name: string): string;
  flag(name: string): boolean;
  /** `Name.member.1`, … */
  list(name: string): readonly string[];
  /** `Name.member.1.Key`, … */
  items(name: string): readonly Readonly<Record<string, string>>[];
}

export interface QueryOperation {
  /** Parameters that it reads; any other is not modelled. */
  readonly reads: readonly string[];
  run(form: Form, request: WireRequest): Xml;
}

interface QueryService {
  readonly name: string;
  readonly namespace: string;
  /** Of what its lists are. */
  readonly item?: 'member' | 'entry';
  readonly operations: Readonly<Record<string, QueryOperation>>;
}

/** AWS Query: smithy.io/2.0/aws/protocols/aws-query-protocol.html. A result that is undefined has no Result element. */
export const queryHandler =
  ({ name, namespace, item = 'member', operations }: QueryService, world: Surroundings): WireHandler =>
  async (request) => {
    const parameters = new URLSearchParams(new TextDecoder().decode(request.body));
    const action = parameters.get('Action') ?? '';
    try {
      const operation = operations[action];
      if (operation === undefined) throw notImplemented(`the operation ${name}:${action}`);
      refuseUnmodelled(parameters, operation, action);
      const run = () => operation.run(formOf(parameters), request);
      const { answer, broken } = await disturbedCall(action, world, run);
      const response = respond(200, namespace, item, `${action}Response`, {
        ...(answer !== undefined && { [`${action}Result`]: answer }),
        ResponseMetadata: { RequestId: world.ids.uuid() },
      });
      return { ...response, ...cut(broken, response.body) };
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      const { code, message, status } = error;
      return respond(status, namespace, item, 'ErrorResponse', {
        Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message },
        RequestId: world.ids.uuid(),
      });
    }
  };

function refuseUnmodelled(parameters: URLSearchParams, { reads }: QueryOperation, action: string): void {
  const known = new Set(['Action', 'Version', ...reads]);
  const unknown = [...parameters.keys()].filter((name) => !known.has(name.split('.')[0] ?? ''));
  if (unknown.length > 0) throw notImplemented(`the parameter ${unknown.join(', ')} of ${action}`);
}

function formOf(parameters: URLSearchParams): Form {
  const text = (name: string): string | undefined => parameters.get(name) || undefined;
  const members = (name: string): readonly string[] => {
    const numbers = [...parameters.keys()].flatMap((key) =>
      key.startsWith(`${name}.member.`) ? [key.split('.').slice(0, 3).join('.')] : [],
    );
    return [...new Set(numbers)];
  };
  return {
    text,
    required(name) {
      const value = text(name);
      if (value !== undefined) return value;
      throw new WireFault(
        'ValidationError',
        `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
      );
    },
    flag: (name) => text(name) === 'true',
    list: (name) => members(name).flatMap((member) => text(member) ?? []),
    items: (name) =>
      members(name).map((member) =>
        Object.fromEntries(
          [...parameters].flatMap(([key, value]) =>
            key.startsWith(`${member}.`) ? [[key.slice(member.length + 1), value] as const] : [],
          ),
        ),
      ),
  };
}

const respond = (
  status: number,
  namespace: string,
  item: 'member' | 'entry',
  root: string,
  content: Xml,
): WireResponse & { readonly body: string } => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<${root} xmlns="${namespace}">${xml(content, item)}</${root}>`,
});
