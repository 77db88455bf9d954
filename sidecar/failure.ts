import { ConfigError, UnavailableError, UnreadableError } from '../shared/core/errors.ts';
import { ContentError, type ContentReason } from './content/content-error.ts';
import { FolderError } from './target-folder.ts';

/** A metric's label: few values, each with its own remedy. */
export type FailureReason = 'disk' | 'config' | 'unavailable' | 'unreadable' | 'unexpected' | ContentReason;

/**
 * disk         the folder is full, read-only or not ours
 * config       S3 denies us or has no such bucket: a person must mend it
 * unavailable  S3 does not answer, or not to the end: tried again at the next pass
 * unreadable   an object is not what it should be
 */
export function failureReason(error: unknown): FailureReason {
  if (error instanceof ContentError) return error.reason;
  if (error instanceof FolderError) return 'disk';
  if (error instanceof ConfigError) return 'config';
  if (error instanceof UnavailableError) return 'unavailable';
  return error instanceof UnreadableError ? 'unreadable' : 'unexpected';
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
