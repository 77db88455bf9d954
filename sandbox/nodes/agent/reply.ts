export type StepStatus = 'Success' | 'Failed' | 'TimedOut' | 'Cancelled' | 'Skipped';
export type DocumentStatus = 'InProgress' | 'Success' | 'Failed' | 'TimedOut' | 'Cancelled';

export interface StepResult {
  readonly step: string;
  readonly action: string;
  readonly status: StepStatus;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly started: Date;
  readonly ended: Date;
}

// The limits of the agent's replies, in characters; what is over them is cut and this is put behind.
const MAX_STDOUT = 24_000;
const MAX_STDERR = 8_000;
const MAX_OUTPUT = 2_500;
const CUT = '--output truncated--';

const truncate = (text: string, limit: number): string =>
  text.length > limit ? `${text.slice(0, limit)}${CUT}` : text;

function runtimeStatus({ step, action, status, code, stdout, stderr, started, ended }: StepResult) {
  const both = stderr === '' ? stdout : `${stdout}\n----------ERROR-------\n${stderr}`;
  return {
    status,
    code,
    name: action,
    output: truncate(both, MAX_OUTPUT),
    startDateTime: started.toISOString(),
    endDateTime: ended.toISOString(),
    outputS3BucketName: '',
    outputS3KeyPrefix: '',
    stepName: step,
    standardOutput: truncate(stdout, MAX_STDOUT),
    standardError: truncate(stderr, MAX_STDERR),
  };
}

export interface Reply {
  readonly status: DocumentStatus;
  /** Why it ended before any step. */
  readonly trace?: string;
  /** Steps told in this reply; none in the first one. */
  readonly steps?: readonly StepResult[];
}

/** The payload of SendReply, before it is made a string. */
export function replyPayload({ status, trace = '', steps }: Reply, agentVersion: string, now: Date) {
  const counts: Record<string, number> = {};
  for (const step of steps ?? []) counts[step.status] = (counts[step.status] ?? 0) + 1;
  return {
    additionalInfo: {
      agent: { lang: 'en-US', name: 'amazon-ssm-agent', os: '', osver: '1', ver: agentVersion },
      dateTime: now.toISOString(),
      runId: '',
      runtimeStatusCounts: counts,
      ableToOpenMGSConnection: false,
    },
    documentStatus: status,
    documentTraceOutput: trace,
    runtimeStatus:
      steps === undefined ? null : Object.fromEntries(steps.map((step) => [step.step, runtimeStatus(step)])),
  };
}

export type ReplyPayload = ReturnType<typeof replyPayload>;

/** Worst step first: one failed step fails the document. */
export function documentStatus(steps: readonly StepResult[]): DocumentStatus {
  const seen = new Set(steps.map(({ status }) => status));
  return (['Cancelled', 'Failed', 'TimedOut'] as const).find((status) => seen.has(status)) ?? 'Success';
}

/** The last reply of a document repeats its step only where there is one. */
export const finalReply = (steps: readonly StepResult[]): Reply => ({
  status: documentStatus(steps),
  steps: steps.length === 1 ? steps : [],
});
