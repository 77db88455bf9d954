import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Gate } from './gate.ts';
import { LAMBDA_PATH, lambdaOperation } from './lambda-wire.ts';
import { s3Operation } from './s3-wire.ts';
import type { TlsFiles } from './tls.ts';
import { WireFault, type WireHandler, type WireRequest, type WireResponse } from './wire.ts';

/** Who answers: by the prefix of `X-Amz-Target` (`AmazonSQS` …), a form's `Version`, Lambda's paths, or none of these. */
export interface Handlers {
  readonly targets: Readonly<Record<string, WireHandler>>;
  /** EC2's Query protocol: every form that is nobody else's. */
  readonly query?: WireHandler;
  /** Query protocols by the `Version` of their API. */
  readonly forms?: Readonly<Record<string, { readonly service: string; readonly handler: WireHandler }>>;
  readonly lambda?: WireHandler;
  readonly s3?: WireHandler;
  /** A whole account has one; a service by itself lets everybody in. */
  readonly gate?: Gate;
}

/** One answered request. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly status: number;
}

export interface FaceOptions {
  readonly handlers: Handlers;
  /** 0: any free port. */
  readonly port: number;
  readonly host?: string;
  readonly tls?: TlsFiles;
  readonly onCall?: (call: Call) => void;
}

export interface Face {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** The simulated account's HTTP(S) listener for real AWS clients. */
export async function openFace({ handlers, port, host = '127.0.0.1', tls, onCall }: FaceOptions): Promise<Face> {
  const listener: RequestListener = (message, response) => {
    void serve(message, response, handlers, onCall).catch((error: unknown) => fail(response, error));
  };
  const server: Server =
    tls === undefined ? createServer(listener) : createTlsServer({ key: tls.key, cert: tls.cert }, listener);
  // Node's five seconds would close a connection under a request whenever a busy machine's client looks at its clock late.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Route {
  readonly service: string;
  readonly operation: string;
  readonly handler: WireHandler | undefined;
}

async function serve(
  message: IncomingMessage,
  response: ServerResponse,
  handlers: Handlers,
  onCall?: (call: Call) => void,
): Promise<void> {
  const request = await readRequest(message);
  const { service, operation, handler } = route(request, handlers);
  const refused = handlers.gate?.(request, service, operation);
  const answer = refused ?? (handler === undefined ? unserved(service, operation) : await handler(request));
  onCall?.({ service, operation, status: answer.status });
  send(response, answer, request.method);
}

async function readRequest(message: IncomingMessage): Promise<WireRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  const [path = '/', query = ''] = (message.url ?? '/').split(/\?(.*)/s);
  return {
    method: message.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers: Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.concat(pieces),
    tlsVersion: tlsVersionOf(message),
  };
}

/** `TLSv1.3` */
const tlsVersionOf = ({ socket }: IncomingMessage): string | undefined =>
  socket instanceof TLSSocket ? socket.getProtocol()?.replace('TLSv', '') : undefined;

function route(request: WireRequest, { targets, query, forms = {}, lambda, s3 }: Handlers): Route {
  const target = request.headers['x-amz-target'];
  if (target !== undefined) {
    const [service = '', operation = ''] = target.split('.');
    return { service, operation, handler: targets[service] };
  }
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    const form = new URLSearchParams(Buffer.from(request.body).toString());
    const operation = form.get('Action') ?? '';
    return { service: 'EC2', handler: query, ...forms[form.get('Version') ?? ''], operation };
  }
  if (request.path.startsWith(LAMBDA_PATH)) {
    return { service: 'Lambda', operation: lambdaOperation(request), handler: lambda };
  }
  return { service: 'S3', operation: nameOrUnknown(request), handler: s3 };
}

function nameOrUnknown(request: WireRequest): string {
  try {
    return s3Operation(request);
  } catch (error) {
    if (error instanceof WireFault) return `${request.method} (${error.code})`;
    throw error;
  }
}

const unserved = (service: string, operation: string): WireResponse => ({
  status: 501,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify({
    __type: 'NotImplemented',
    message: `The simulated account does not model ${service} ${operation}.`,
  }),
});

/** A defect of the sandbox; a client that hung up is past hearing of it. */
function fail(response: ServerResponse, error: unknown): void {
  if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify({ __type: 'InternalFailure', message: String(error) }));
}

function send(response: ServerResponse, { status, headers, body, cutAt }: WireResponse, method: string): void {
  if (cutAt === 0) {
    response.destroy();
    return;
  }
  const bytes = Buffer.from(body);
  response.writeHead(status, { 'x-amzn-requestid': crypto.randomUUID(), 'content-length': bytes.length, ...headers });
  if (cutAt === undefined) {
    response.end(method === 'HEAD' ? undefined : bytes);
    return;
  }
  response.write(bytes.subarray(0, cutAt), () => response.destroy());
}
