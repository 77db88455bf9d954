import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

interface Recorded {
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly raw: string;
  readonly headers: IncomingHttpHeaders;
}

export interface RecordedReply {
  readonly documentStatus: string;
  readonly documentTraceOutput: string;
  readonly additionalInfo: Readonly<Record<string, unknown>>;
  readonly runtimeStatus: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null;
}

export interface RecordingService {
  readonly endpoint: string;
  readonly calls: readonly Recorded[];
  /** Puts a message on the node's queue; the answer to its long poll brings it. */
  push(
    instanceId: string,
    message: { readonly MessageId: string; readonly Topic: string; readonly Payload: string },
  ): void;
  /** Operations about one message, in order of arrival. */
  about(messageId: string): readonly Recorded[];
  replies(messageId: string): readonly RecordedReply[];
  /** From now on every call is answered 500; `false` mends it. */
  fail(broken: boolean): void;
  close(): Promise<void>;
}

const HOLD_MS = 4_000; // longer than the 2 s under which the agent sleeps after a poll
const LOOK_MS = 20;

/** Answers as little as the agent needs, and remembers everything it said. */
export async function recordingService(address: string): Promise<RecordingService> {
  const calls: Recorded[] = [];
  const queues = new Map<string, object[]>();
  const state = { broken: false };
  const answerTo = async (request: IncomingMessage, response: ServerResponse) => {
    const raw = await text(request);
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    const body = JSON.parse(raw) as Record<string, unknown>;
    calls.push({ operation, body, raw, headers: request.headers });
    const answer = (status: number, value: object) =>
      response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' }).end(JSON.stringify(value));
    if (state.broken) return answer(500, { __type: 'InternalServerError', message: 'broken' });
    if (operation === 'ListInstanceAssociations') return answer(200, { Associations: [] });
    if (operation !== 'GetMessages') return answer(200, {});
    const destination = String(body['Destination']);
    const until = Date.now() + HOLD_MS;
    while (!queues.get(destination)?.length && Date.now() < until && !response.destroyed && !state.broken)
      await sleep(LOOK_MS);
    const Messages = queues.get(destination) ?? [];
    queues.set(destination, []);
    return answer(200, { Destination: destination, MessagesRequestId: body['MessagesRequestId'], Messages });
  };
  const server: Server = createServer((request, response) => void answerTo(request, response));
  server.listen(0, address);
  await once(server, 'listening');
  const about = (messageId: string) => calls.filter(({ body }) => body['MessageId'] === messageId);
  return {
    endpoint: `http://${address}:${(server.address() as AddressInfo).port}`,
    calls,
    push(instanceId, message) {
      const whole = { CreatedDate: new Date().toISOString(), Destination: instanceId, PayloadDigest: '', ...message };
      queues.set(instanceId, [...(queues.get(instanceId) ?? []), whole]);
    },
    about,
    replies: (messageId) =>
      about(messageId)
        .filter(({ operation }) => operation === 'SendReply')
        .map(({ body }) => JSON.parse(String(body['Payload'])) as RecordedReply),
    fail(now) {
      state.broken = now;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
