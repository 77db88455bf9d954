import { onTestFinished } from 'vitest';
import { openFace } from '../../sandbox/account/face.ts';
import type { WireRequest, WireResponse } from '../../sandbox/account/wire.ts';

/** One request as a stub sees it: `operation` is SDK-like (`ListInstances`), for S3 method and path (`PUT /b/k`). */
export interface Asked {
  readonly operation: string;
  /** JSON body, or the form of EC2's Query protocol; empty for S3. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly request: WireRequest;
}

export type Answer = WireResponse;

/** An HTTP server on loopback that answers real SDK clients in recorded shapes: what no simulated account would do. */
export async function awsStub(answer: (asked: Asked) => Answer) {
  const asked: Asked[] = [];
  const serve = async (request: WireRequest): Promise<Answer> => {
    const one = toAsked(request);
    asked.push(one);
    return answer(one);
  };
  const targets = { ElasticMapReduce: serve, AmazonSSM: serve, AmazonSQS: serve };
  const face = await openFace({ handlers: { targets, query: serve, s3: serve }, port: 0 });
  onTestFinished(() => face.close());
  const client = {
    endpoint: face.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 3,
  } as const;
  return { asked, operations: () => asked.map(({ operation }) => operation), client };
}

function toAsked(request: WireRequest): Asked {
  const target = request.headers['x-amz-target'];
  const text = Buffer.from(request.body).toString();
  if (target !== undefined) return { operation: target.replace(/.*\./, ''), input: JSON.parse(text), request };
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    const { Action = '', ...input } = Object.fromEntries(new URLSearchParams(text));
    return { operation: Action, input, request };
  }
  return { operation: `${request.method} ${request.path}`, input: {}, request };
}

export const json = (body: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(body),
});
export const jsonError = (__type: string, message = '', status = 400): Answer => json({ __type, message }, status);

export const xml = (body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'content-type': 'text/xml', ...headers },
  body,
});
export const ec2Error = (code: string, message: string): Answer =>
  xml(`<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors></Response>`, 400);
export const s3Error = (code: string, status: number): Answer =>
  xml(`<Error><Code>${code}</Code><Message>said so</Message></Error>`, status);

/** The connection breaks before the first byte of the answer. */
export const lost: Answer = { status: 200, headers: {}, body: '', cutAt: 0 };
export const halfOf = (answer: Answer): Answer => ({ ...answer, cutAt: Math.floor(answer.body.length / 2) });

/** Answers in this order, the last one for good. */
export function inTurn(...answers: readonly Answer[]): () => Answer {
  let turn = 0;
  return () => {
    const answer = answers[Math.min(turn, answers.length - 1)];
    turn += 1;
    return answer ?? lost;
  };
}
