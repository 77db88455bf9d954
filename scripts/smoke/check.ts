import type { Smoke } from './examined.ts';

/** One thing that does not hold, and what to do about it. */
interface Problem {
  readonly what: string;
  readonly fix: string;
}

/** What a check found; `seen` in words, for the checklist. */
export type Finding =
  | { readonly state: 'ok' | 'skipped'; readonly seen: string }
  | { readonly state: 'red'; readonly problems: readonly Problem[] };

/** One line of the checklist. */
export interface Check {
  /** docs/unproven.md names it. */
  readonly id: string;
  /** What holds when it is green. */
  readonly says: string;
  /** What whoever runs it must be allowed, as IAM names it. */
  readonly needs: readonly string[];
  readonly run: (smoke: Smoke) => Promise<Finding>;
}

export const ok = (seen: string): Finding => ({ state: 'ok', seen });
export const skipped = (why: string): Finding => ({ state: 'skipped', seen: why });
export const problem = (what: string, fix: string): Problem => ({ what, fix });
export const red = (what: string, fix: string): Finding => ({ state: 'red', problems: [{ what, fix }] });

/** Green as `seen` when there is no problem. */
export const verdict = (seen: string, problems: readonly Problem[]): Finding =>
  problems.length === 0 ? ok(seen) : { state: 'red', problems };
