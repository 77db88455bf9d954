import { MAX_ATTEMPTS } from '../../../shared/core/retry.ts';

/** Runs of one exporter on one node since the version, the action or somebody's `force` last changed. */
export const sixAttempts = (order: string, failedRuns: number): string | undefined =>
  failedRuns >= MAX_ATTEMPTS ? `${order} follows ${failedRuns} failed runs of the same version` : undefined;
