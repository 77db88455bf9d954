import { describe, expect, test } from 'vitest';
import { toAppError } from '../../shared/aws/aws-error.ts';
import { AppError, ConflictError } from '../../shared/core/errors.ts';

const sdk = (name: string, status: number, message = 'said so') =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
const socket = (code: string) => Object.assign(new Error('socket'), { code });

describe('what an AWS failure means', () => {
  test.each<readonly [string, unknown, string]>([
    ...[
      'Throttling',
      'ThrottlingException',
      'TooManyRequestsException',
      'RequestLimitExceeded',
      'RequestThrottled',
      'SlowDown',
    ].map((name) => ['throttling', sdk(name, 400), 'UnavailableError'] as const),
    ['an S3 connection that sent nothing', sdk('RequestTimeout', 400), 'UnavailableError'],
    ['any 429', sdk('Whatever', 429), 'UnavailableError'],
    ['a failure on their side', sdk('InternalServerException', 500), 'UnavailableError'],
    ['a 502 without a name', sdk('', 502), 'UnavailableError'],
    ...[
      'ECONNABORTED',
      'ECONNREFUSED',
      'ECONNRESET',
      'EAI_AGAIN',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ENOTFOUND',
      'EPIPE',
      'ETIMEDOUT',
    ].map((code) => ['a connection that failed', socket(code), 'UnavailableError'] as const),
    ['our own time limit', Object.assign(new Error('timeout'), { name: 'TimeoutError' }), 'UnavailableError'],
    ['an answer that is no JSON', sdk('SyntaxError', 200), 'UnavailableError'],
    ['a denied call', sdk('AccessDeniedException', 400), 'ConfigError'],
    ['a denied call of EC2', sdk('UnauthorizedOperation', 403), 'ConfigError'],
    ['expired credentials', sdk('ExpiredTokenException', 400), 'ConfigError'],
    ['no credentials', Object.assign(new Error('none'), { name: 'CredentialsProviderError' }), 'ConfigError'],
    ['a missing document', sdk('InvalidDocument', 400), 'ConfigError'],
    ['a missing bucket', sdk('NoSuchBucket', 404), 'ConfigError'],
    [
      'an unknown cluster',
      sdk('InvalidRequestException', 400, "Cluster id 'j-1' is not valid."),
      'UnknownClusterError',
    ],
    ['another invalid request of EMR', sdk('InvalidRequestException', 400, 'bad marker'), 'ConfigError'],
  ])('%s: %o is a %s', (_name, cause, expected) => {
    const error = toAppError('emr:ListInstances', cause);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ name: expected, retryable: expected === 'UnavailableError', cause });
    expect(String(error)).toContain('emr:ListInstances');
  });

  test('an error that says already what it means is not wrapped again', () => {
    const error = new ConflictError('lost');
    expect(toAppError('s3:PutObject', error)).toBe(error);
  });

  test('a bug of our own stays what it is', () => {
    const bug = new TypeError('undefined is not a function');
    expect(toAppError('s3:PutObject', bug)).toBe(bug);
  });
});
