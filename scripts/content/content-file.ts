/** A file of the set, before it is published. */
export interface SourceFile {
  /** In the bucket, below `content/`. */
  readonly path: string;
  /** Where people mend it. */
  readonly source: string;
  readonly text: string;
}

/** `file:line: what is wrong; what is right`. */
export const problemAt = (source: string, line: number, text: string): string => `${source}:${line}: ${text}`;
