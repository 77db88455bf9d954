/** Something that is not as it should be, although its time has come; milliseconds of the history. */
export interface Overdue {
  readonly what: string;
  readonly due: number;
  readonly now: number;
}

export function converges(overdue: readonly Overdue[]): string | undefined {
  const [first] = overdue;
  return first && `${first.what}, due ${Math.round((first.now - first.due) / 1000)} s ago (${overdue.length} in all)`;
}
