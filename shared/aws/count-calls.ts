import type { Meter } from '../ports.ts';
import { httpStatus, isThrottled } from './aws-error.ts';

type Call = (args: unknown) => Promise<unknown>;

/** What the stacks of all clients have in common; each one's own types name its every command. */
interface Stack {
  add(
    middleware: (next: Call, context: Readonly<Record<string, unknown>>) => Call,
    options: { readonly name: string; readonly step: 'deserialize'; readonly priority: 'high' },
  ): void;
}

/**
 * Counts every request of this client by operation and outcome, each page and each repetition: what AWS counts. Inside
 * the SDK's retry, around the parsing of the answer.
 */
export function counted<C extends { readonly middlewareStack: object }>(client: C, meter: Meter): C {
  (client.middlewareStack as Stack).add(
    (next, { clientName, commandName }) => {
      const service = String(clientName)
        .replace(/Client$/, '')
        .toLowerCase();
      const operation = `${service}:${String(commandName).replace(/Command$/, '')}`;
      const count = (outcome: Outcome): void => meter.count('AwsCalls', 1, { operation, outcome });
      return async (args) => {
        try {
          const answer = await next(args);
          count('ok');
          return answer;
        } catch (error) {
          count(outcomeOf(error));
          throw error;
        }
      };
    },
    { name: 'counted', step: 'deserialize', priority: 'high' },
  );
  return client;
}

/** Refused: S3's 404 and 412, which are answers to a question, among them. Failed: nobody knows what was done. */
type Outcome = 'ok' | 'throttled' | 'refused' | 'failed';

function outcomeOf(error: unknown): Outcome {
  if (isThrottled(error)) return 'throttled';
  const status = httpStatus(error);
  return status >= 400 && status < 500 ? 'refused' : 'failed';
}
