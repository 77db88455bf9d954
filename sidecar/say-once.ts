import type { Counter } from 'prom-client';
import type { Log } from '../shared/ports.ts';
import { failureReason, messageOf } from './failure.ts';

/** A failure that lasts is one line when it begins, one when it changes and one when it is over, not one each 5 s. */
export interface Complaints {
  failed(subject: string, message: string, error: unknown): void;
  works(subject: string, message: string): void;
  /** There is no such subject any more. */
  forget(subject: string): void;
  /** What has failed and does not work again yet, by subject. */
  readonly standing: ReadonlyMap<string, Complaint>;
}

export interface Complaint {
  readonly message: string;
  readonly error: string;
  /** Since when it fails, in these words or others. */
  readonly since: Date;
}

export function sayOnce(log: Log, now: () => Date): Complaints {
  const standing = new Map<string, Complaint>();
  return {
    standing,
    failed(subject, message, cause) {
      const error = messageOf(cause);
      const before = standing.get(subject);
      if (before?.error === error) return;
      standing.set(subject, { message, error, since: before?.since ?? now() });
      log.error(message, { subject, reason: failureReason(cause), error });
    },
    works(subject, message) {
      if (standing.delete(subject)) log.info(message, { subject });
    },
    forget: (subject) => void standing.delete(subject),
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
