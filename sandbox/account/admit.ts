import { askedFor, type Input, type Surveyor } from './iam-asked.ts';
import { askedOfS3, type S3Input } from './iam-asked-s3.ts';
import type { Permissions } from './permissions.ts';
import type { Asked } from './policy-evaluator.ts';

/** IAM before a call that has no wire. Throws the WireFault `AccessDenied`. */
export interface Admit {
  readonly call: (service: string, operation: string, input: Input) => void;
  readonly s3: (operation: string, input: S3Input) => void;
}

/** For a service that is looked at by itself. */
export const EVERYBODY: Admit = { call: () => undefined, s3: () => undefined };

/**
 * `principal`: the session whose calls they are. Without a wire there may be a million of them, while policies stay as
 * they are and name no single cluster, node or key: a kind of call that was let in once is let in.
 */
export function admitAs(permissions: Permissions, principal: string, place: Surveyor): Admit {
  const admitted = new Set<string>();
  const once = (kind: string, questions: () => readonly Asked[]): void => {
    if (admitted.has(kind)) return;
    for (const asked of questions()) permissions.check(principal, asked);
    admitted.add(kind);
  };
  return {
    call(service, operation, input) {
      const questions = () => askedFor(service, operation, input, place);
      // What this one needs depends on the document, and on the tags of every node.
      if (operation !== 'SendCommand') once(operation, questions);
      else for (const asked of questions()) permissions.check(principal, asked);
    },
    s3(operation, input) {
      const { bucket, key, prefix, ifMatch } = input;
      const folder = key.slice(0, key.indexOf('/'));
      const kind = [operation, folder, prefix, ifMatch !== undefined, place.hasObject(bucket, key)].join(' ');
      once(kind, () => askedOfS3(operation, input, place, '1.3'));
    },
  };
}
