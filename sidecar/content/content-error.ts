import { AppError } from '../../shared/core/errors.ts';

/**
 * manifest    not a manifest, or gone
 * files       a file is not there, or not as the manifest has it: somebody publishes just now, or changed it by hand
 * rules       promtool refuses them
 * dashboard   not JSON, or without the uid of its name
 * prices      not what docs/prices.md asks for
 * promtool    is missing, hangs, or was killed
 * prometheus  is down, or refuses
 */
export type ContentReason = 'manifest' | 'files' | 'rules' | 'dashboard' | 'prices' | 'promtool' | 'prometheus';

/** The published set is not in use. `retryable`: it may be later; otherwise only another set mends it. */
export class ContentError extends AppError {
  override readonly name = 'ContentError';
  readonly reason: ContentReason;
  readonly retryable: boolean;

  constructor(reason: ContentReason, message: string, options: ErrorOptions & { readonly retryable?: boolean } = {}) {
    super(message, options);
    this.reason = reason;
    this.retryable = options.retryable ?? false;
  }
}
