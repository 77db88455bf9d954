import { describe, expect, test } from 'vitest';
import {
  documentStatus,
  finalReply,
  replyPayload,
  type StepResult,
  type StepStatus,
} from '../../../sandbox/nodes/agent/reply.ts';

const at = new Date('2026-11-22T14:16:16.000Z');
const step = (more: Partial<StepResult> = {}): StepResult => ({
  step: 'run',
  action: 'aws:runShellScript',
  status: 'Success',
  code: 0,
  stdout: '',
  stderr: '',
  started: at,
  ended: at,
  ...more,
});
const shown = (result: StepResult) =>
  replyPayload({ status: 'InProgress', steps: [result] }, '3.3.0.0', at).runtimeStatus?.['run'];

describe('what a reply shows of outputs', () => {
  test.each<[string, string, string, string]>([
    ['nothing', '', '', ''],
    ['stdout alone, without the title of errors', 'out\n', '', 'out\n'],
    ['both, with the title between', 'out', 'err', 'out\n----------ERROR-------\nerr'],
  ])('output is %s', (_case, stdout, stderr, output) => {
    expect(shown(step({ stdout, stderr }))?.output).toBe(output);
  });

  test('both together are cut at 2,500 characters, stdout at 24,000, stderr at 8,000', () => {
    const cut = '--output truncated--';
    const status = shown(step({ stdout: 'o'.repeat(24_001), stderr: 'e'.repeat(8_001) }));
    expect(status).toMatchObject({
      output: 'o'.repeat(2_500) + cut,
      standardOutput: 'o'.repeat(24_000) + cut,
      standardError: 'e'.repeat(8_000) + cut,
    });
  });

  test('what fits exactly is not cut', () => {
    expect(shown(step({ stdout: 'o'.repeat(2_500) }))?.output).toBe('o'.repeat(2_500));
  });
});

test.each<[string, readonly StepStatus[], string]>([
  ['all well', ['Success', 'Skipped'], 'Success'],
  ['one failed, later ones well', ['Failed', 'Success'], 'Failed'],
  ['one timed out', ['Success', 'TimedOut'], 'TimedOut'],
  ['cancelled after a failure', ['Failed', 'Cancelled'], 'Cancelled'],
])('a document is %s: %s → %s', (_case, statuses, expected) => {
  expect(documentStatus(statuses.map((status) => step({ status })))).toBe(expected);
});

test('the last reply repeats the step of a one-step document, and is empty for more', () => {
  expect(finalReply([step()]).steps).toHaveLength(1);
  expect(finalReply([step(), step({ step: 'two' })]).steps).toEqual([]);
});

test('the first reply has no runtime status, and counts are of the steps told', () => {
  expect(replyPayload({ status: 'InProgress' }, '3.3.0.0', at)).toEqual({
    additionalInfo: {
      agent: { lang: 'en-US', name: 'amazon-ssm-agent', os: '', osver: '1', ver: '3.3.0.0' },
      dateTime: '2026-11-22T14:16:16.000Z',
      runId: '',
      runtimeStatusCounts: {},
      ableToOpenMGSConnection: false,
    },
    documentStatus: 'InProgress',
    documentTraceOutput: '',
    runtimeStatus: null,
  });
  const counts = replyPayload({ status: 'Failed', steps: [step(), step({ status: 'Failed' })] }, '3.3.0.0', at);
  expect(counts.additionalInfo.runtimeStatusCounts).toEqual({ Success: 1, Failed: 1 });
});
