import { environmentOf, type ParameterDefinition, resolveParameters, substitute, type Values } from './parameters.ts';

/** One step as it will be run, or why it will not. */
export interface Step {
  readonly name: string;
  readonly action: string;
  readonly lines: readonly string[];
  readonly timeoutSeconds: number;
  readonly exitOnFailure: boolean;
  readonly verdict: { readonly kind: 'run' } | { readonly kind: 'skip' | 'fail'; readonly reason: string };
}

/** A command, ready for the worker and kept on disk. */
export interface Work {
  readonly messageId: string;
  readonly commandId: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export type Parsed =
  | { readonly kind: 'work'; readonly work: Work }
  | { readonly kind: 'invalid'; readonly reason: string };

interface RawStep {
  readonly action: string;
  readonly name: string;
  readonly precondition?: Readonly<Record<string, readonly string[]>>;
  readonly inputs?: Values;
}

interface RawPayload {
  readonly CommandId: string;
  readonly Parameters?: Values;
  readonly DocumentContent: {
    readonly schemaVersion: string;
    readonly parameters?: Readonly<Record<string, ParameterDefinition>>;
    readonly mainSteps: readonly RawStep[];
  };
}

const ENV_VAR_SINCE = [3, 3, 2746, 0] as const;

export function knowsEnvVar(agentVersion: string): boolean {
  const parts = agentVersion.split('.').map(Number);
  const differs = ENV_VAR_SINCE.findIndex((part, index) => part !== parts[index]);
  return differs === -1 || (parts[differs] ?? 0) > (ENV_VAR_SINCE[differs] ?? 0);
}

/** What a message of topic aws.ssm.sendCommand asks for. */
export function parseCommand(messageId: string, payload: string, agentVersion: string): Parsed {
  let raw: RawPayload;
  try {
    raw = JSON.parse(payload) as RawPayload;
    if (!Array.isArray(raw.DocumentContent.mainSteps)) throw new TypeError('mainSteps is not a list');
  } catch (error) {
    return { kind: 'invalid', reason: `document cannot be read: ${String(error)}` };
  }
  const { CommandId: commandId, Parameters = {}, DocumentContent: document } = raw;
  const resolved = resolveParameters(document.parameters ?? {}, Parameters);
  if (resolved.kind === 'invalid') return resolved;
  const { values } = resolved;
  const environment = knowsEnvVar(agentVersion) ? environmentOf(document.parameters ?? {}, values) : {};
  return {
    kind: 'work',
    work: { messageId, commandId, environment, steps: document.mainSteps.map((step) => toStep(step, values)) },
  };
}

function toStep({ action, name, precondition, inputs }: RawStep, values: Values): Step {
  const settled = substitute(inputs ?? {}, values) as Values;
  const lines = settled['runCommand'];
  return {
    name,
    action,
    lines: Array.isArray(lines) ? lines.flat().map(String) : typeof lines === 'string' ? [lines] : [],
    timeoutSeconds: secondsOf(settled['timeoutSeconds']),
    exitOnFailure: settled['onFailure'] === 'exit',
    verdict: judge(name, action, precondition),
  };
}

const DEFAULT_TIMEOUT_SECONDS = 3_600;

/** 5 seconds to 48 hours; anything else means the default. */
function secondsOf(value: unknown): number {
  const seconds = Number(value);
  return seconds >= 5 && seconds <= 172_800 ? seconds : DEFAULT_TIMEOUT_SECONDS;
}

//   precondition                        action               → verdict
//   none, or platformType is Linux      aws:runShellScript   → run
//   none, or platformType is Linux      anything else        → fail
//   platformType is another             any                  → skip
//   anything else                       any                  → fail
function judge(name: string, action: string, precondition: RawStep['precondition'] = {}): Step['verdict'] {
  for (const [operator, operands] of Object.entries(precondition)) {
    const platform = operands.find((operand) => operand !== 'platformType');
    if (
      operator !== 'StringEquals' ||
      operands.length !== 2 ||
      !operands.includes('platformType') ||
      platform === undefined
    )
      return {
        kind: 'fail',
        reason: `Unrecognized precondition(s): '"${operator}": [${operands.join(' ')}]', please update agent to latest version. Step name: ${name}`,
      };
    if (platform.toLowerCase() !== 'linux')
      return { kind: 'skip', reason: `Step execution skipped due to incompatible platform. Step name: ${name}` };
  }
  if (action === 'aws:runShellScript') return { kind: 'run' };
  return {
    kind: 'fail',
    reason: `Plugin with name ${action} is not supported by this version of ssm agent, please update to latest version. Step name: ${name}`,
  };
}
