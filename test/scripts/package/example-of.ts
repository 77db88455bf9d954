/** The value that a parameter's constraint shows people. */
export const exampleOf = (constraint: string): string =>
  /such as ([^ ]+?)(?:, or nothing)?$/.exec(constraint)?.[1] ?? '';
