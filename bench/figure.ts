/** One line of the table. */
export interface Figure {
  readonly figure: string;
  readonly bar: string;
  readonly measured: string;
  readonly met: boolean;
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

/** How a measuring program hands its figures to main.ts; all else that it says goes to stderr. */
export const report = (figures: readonly Figure[]): void => console.log(JSON.stringify(figures));
