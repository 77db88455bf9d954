/** Errors say whether the same input would succeed later. */
export abstract class AppError extends Error {
  /** Decides between "throw and be retried" and "report and drop". */
  abstract readonly retryable: boolean;
}

/** Someone else wrote the object since we read it: S3 answered 412, 409, or 404 on If-Match. */
export class ConflictError extends AppError {
  override readonly name = 'ConflictError';
  readonly retryable = true;
}

/** An AWS API refused for now: throttling, 5xx, a lost connection. */
export class UnavailableError extends AppError {
  override readonly name = 'UnavailableError';
  readonly retryable = true;
}

/** EMR does not know this cluster id in this account and region. */
export class UnknownClusterError extends AppError {
  override readonly name = 'UnknownClusterError';
  readonly retryable = false;
}

/** Something is set up wrong and only a person can mend it: a denied call, a missing document, a bad variable. */
export class ConfigError extends AppError {
  override readonly name = 'ConfigError';
  readonly retryable = false;
}

/** An object in our bucket is not what this version can read: named by key, field and expectation. */
export class UnreadableError extends AppError {
  override readonly name = 'UnreadableError';
  readonly retryable = false;
}
