export interface Mutation {
  readonly name: string;
  readonly file: string;
  /** Exactly as it stands in the file, once. */
  readonly line: string;
  readonly instead: string;
}

/** Bugs that the simulation has to find: each is one line of the product, changed. */
export const mutations: readonly Mutation[] = [];
