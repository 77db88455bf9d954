/**
 * A String parameter of a document. The pattern is checked by SSM (Java), by the agent (RE2, unanchored) and by the
 * script (POSIX extended): anchored, and only what the three read alike. An old agent pastes the value into the script
 * between double quotes: no quote, space, `$`, backtick or backslash may pass.
 */
export interface DocumentParameter {
  readonly description: string;
  readonly allowedPattern: string;
  /** RE2 counts no repetition over 1,000: the script checks the length. */
  readonly maxLength: number;
}

/** Presigned URLs with a session token have 1,100 to 1,700 characters. */
export const url = (of: string): DocumentParameter => ({
  description: `https URL of ${of}.`,
  allowedPattern: '^https://[A-Za-z0-9._~:/?&=%-]+$',
  maxLength: 4096,
});

/** The script refuses what is above 65535. */
export const port: DocumentParameter = {
  description: 'Port that Prometheus scrapes, 1024 to 65535.',
  allowedPattern: '^[1-9][0-9]{3,4}$',
  maxLength: 5,
};

/** One of these words. */
export const choice = (description: string, ...words: readonly string[]): DocumentParameter => ({
  description,
  allowedPattern: `^(${words.join('|')})$`,
  maxLength: Math.max(...words.map(({ length }) => length)),
});
