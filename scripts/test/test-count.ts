import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, and why, in lines to print. */
  readonly failures: readonly string[];
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly FileResult[];
}

interface FileResult {
  readonly name: string;
  /** Of a file that does not load. */
  readonly message: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName: string;
    readonly failureMessages?: readonly string[];
  }[];
}

/** Of the report in JSON that a run of vitest, called `run`, has left. */
export function countTests(run: string, file: string, isGood: boolean): Count {
  // Without a report nothing ran at all.
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0, failures: [`${run}: it left no report`] };
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  const skipped = report.numPendingTests + report.numTodoTests;
  const passed = report.numPassedTests;
  if (isGood) return { passed, failed: 0, skipped, failures: [] };
  const failures = report.testResults.flatMap(failuresOf);
  // A file that does not load, or an unhandled error, fails the run without failing a test.
  const failed = Math.max(1, report.numFailedTests);
  return { passed, failed, skipped, failures: failures.length > 0 ? failures : [`${run}: see its output above`] };
}

function failuresOf({ name, message, assertionResults }: FileResult): readonly string[] {
  const file = relative('.', name);
  const failed = assertionResults.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return message === '' ? [] : [`${file}: ${message}`];
  return failed.map(({ fullName, failureMessages = [] }) => `${file}: ${fullName}\n${failureMessages.join('\n')}`);
}
