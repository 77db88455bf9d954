import leven from 'leven';

/** `; did you mean eu-west-1?`, when one of the words is a slip of the finger away. */
export function nearest(word: string, known: readonly string[]): string {
  const [first] = known.toSorted((a, b) => leven(word, a) - leven(word, b));
  // Two slips, or half of a short word: further away it is another word.
  const isNear = first !== undefined && leven(word, first) <= Math.max(2, word.length / 2);
  return isNear ? `; did you mean ${first}?` : '';
}
