import { awsCode, awsMessage, httpStatus, toAppError } from '../../shared/aws/aws-error.ts';
import { AppError, UnknownClusterError } from '../../shared/core/errors.ts';
import { type Check, type Finding, red, skipped } from './check.ts';
import type { Smoke } from './examined.ts';

export type Result = Finding & { readonly id: string; readonly says: string; readonly milliseconds: number };

/** One after the other: their times are to be compared, and EMR's quotas are small. Each has its turn, whatever failed. */
export async function runChecks(
  checks: readonly Check[],
  smoke: Smoke,
  onResult: (result: Result) => void,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const check of checks) {
    const begun = smoke.now().getTime();
    const finding = await find(check, smoke);
    const result = { id: check.id, says: check.says, milliseconds: smoke.now().getTime() - begun, ...finding };
    onResult(result);
    results.push(result);
  }
  return results;
}

async function find({ id, run, needs }: Check, smoke: Smoke): Promise<Finding> {
  try {
    return await run(smoke);
  } catch (error) {
    if (error instanceof UnknownClusterError) {
      if (id !== 'cluster') return skipped('of a cluster that EMR does not know');
      return red(
        error.message,
        'name one of this account and Region: aws emr list-clusters --active says which there are',
      );
    }
    const cause = error instanceof AppError && error.cause !== undefined ? error.cause : error;
    if (isDenied(cause)) {
      return red(
        `these credentials may not do it: ${awsMessage(cause)}`,
        `allow ${needs.join(', ')}: npm run smoke -- --policy prints all that it needs`,
      );
    }
    const said = toAppError('AWS', error);
    if (!(said instanceof AppError)) throw error; // a defect of ours
    return red(said.message, said.retryable ? 'try again in a minute' : 'mend what it says, and run it again');
  }
}

/** The answer to HEAD has no body, and so no code. */
const isDenied = (cause: unknown): boolean =>
  /^(?:AccessDenied|UnauthorizedOperation|NotAuthorized)/.test(awsCode(cause)) || httpStatus(cause) === 403;
