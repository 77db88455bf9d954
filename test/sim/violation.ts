/** A sentence of the issue that did not hold, and what was seen. */
export interface Violation {
  readonly invariant: string;
  readonly problem: string;
  readonly at: number;
}
