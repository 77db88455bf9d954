import { epoch } from './aws-json.ts';
import type { Agent } from './ssm-agents.ts';
import { type Command, type CommandInvocation, commandStatus, isOpen, statusOf } from './ssm-model.ts';

/** The shapes of docs: systems-manager/latest/APIReference, Data Types. */

export const instanceInformation = ({ id, report, ping, lastPing }: Agent): object => ({
  InstanceId: id,
  PingStatus: ping,
  LastPingDateTime: epoch(lastPing),
  ResourceType: 'EC2Instance',
  ...report,
});

export function commandAnswer(command: Command): object {
  const { status, details } = commandStatus(command);
  const all = [...command.invocations.values()].map((invocation) => invocation.status);
  return {
    CommandId: command.id,
    DocumentName: command.document,
    DocumentVersion: '$DEFAULT',
    Comment: command.comment,
    ExpiresAfter: epoch(command.expiresAt),
    Parameters: command.parameters,
    InstanceIds: command.nodes,
    Targets: [],
    RequestedDateTime: epoch(command.requestedAt),
    Status: status,
    StatusDetails: details,
    MaxConcurrency: command.maxConcurrency,
    MaxErrors: command.maxErrors,
    TargetCount: command.nodes.length,
    CompletedCount: all.filter((one) => !isOpen(one)).length,
    ErrorCount: all.filter((one) => one === 'Failed' || one === 'ExecutionTimedOut').length,
    DeliveryTimedOutCount: all.filter((one) => one === 'DeliveryTimedOut').length,
    TimeoutSeconds: command.timeoutSeconds,
  };
}

export const invocationAnswer = (command: Command, invocation: CommandInvocation, withDetails: boolean): object => ({
  CommandId: command.id,
  InstanceId: invocation.node,
  InstanceName: '',
  Comment: command.comment,
  DocumentName: command.document,
  DocumentVersion: '$DEFAULT',
  RequestedDateTime: epoch(command.requestedAt),
  Status: statusOf(invocation.status),
  StatusDetails: invocation.status,
  TraceOutput: invocation.trace,
  CommandPlugins: withDetails
    ? invocation.plugins.map(({ name, status, code, output, startedAt, endedAt }) => ({
        Name: name,
        Status: status,
        StatusDetails: status,
        ResponseCode: code,
        ResponseStartDateTime: epoch(startedAt),
        ResponseFinishDateTime: epoch(endedAt),
        Output: output,
      }))
    : [],
});
