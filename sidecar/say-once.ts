import type { Counter } from 'prom-client';
import type { Log } from '../shared/ports.ts';
import { failureReason, messageOf } from './failure.ts';

/** A failure that lasts is one line when it begins, one when it changes and one when it is over, not one each 5 s. */
export interface Complaints {
  failed(subject: string, message: string, error: unknown): void;
  works(subject: string, message: string): void;
}

export function sayOnce(log: Log): Complaints {
  const said = new Map<string, string>();
  return {
    failed(subject, message, error) {
      const text = messageOf(error);
      if (said.get(subject) === text) return;
      said.set(subject, text);
      log.error(message, { subject, reason: failureReason(error), error: text });
    },
    works(subject, message) {
      if (said.delete(subject)) log.info(message, { subject });
    },
  };
}

/** Runs parts of a pass. A failure is counted, said and answered as undefined: the next pass is the retry. */
export const attempts =
  (complaints: Complaints, failures: Counter<'reason'>, message: string) =>
  async <T>(subject: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      const result = await work();
      complaints.works(subject, 'works again');
      return result;
    } catch (error) {
      failures.inc({ reason: failureReason(error) });
      complaints.failed(subject, message, error);
      return undefined;
    }
  };
