/** What can go wrong with one request; tests and the demo arm it. */
export type Fault =
  /** Refused without effect. */
  | { readonly kind: 'error'; readonly status: number; readonly code: string }
  | { readonly kind: 'slow'; readonly ms: number }
  /** The connection breaks in the middle of the answer's body. */
  | { readonly kind: 'half' }
  /** It took effect, and the answer never arrived. */
  | { readonly kind: 'lost' };

export interface Match {
  /** `PutObject` …; every operation when absent. */
  readonly operation?: string;
  readonly key?: RegExp;
  /** Requests that match and go well before the first one that does not. */
  readonly skip?: number;
  /** Requests that go wrong. */
  readonly times?: number;
}

export interface Faults {
  arm(fault: Fault, match?: Match): void;
  take(operation: string, key: string): Fault | undefined;
  clear(): void;
}

export function createFaults(): Faults {
  let armed: { fault: Fault; match: Match; skip: number; times: number }[] = [];
  return {
    arm(fault, match = {}) {
      armed = [...armed, { fault, match, skip: match.skip ?? 0, times: match.times ?? 1 }];
    },
    take(operation, key) {
      const hit = armed.find(
        ({ match }) => (match.operation ?? operation) === operation && (match.key?.test(key) ?? true),
      );
      if (hit === undefined) return undefined;
      if (hit.skip > 0) {
        hit.skip -= 1;
        return undefined;
      }
      hit.times -= 1;
      if (hit.times === 0) armed = armed.filter((other) => other !== hit);
      return hit.fault;
    },
    clear() {
      armed = [];
    },
  };
}
