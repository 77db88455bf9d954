import * as z from 'zod/mini';
import type { InstanceId } from '../../shared/core/model.ts';
import { jsonHandler, operation, page, type Page } from './aws-json.ts';
import type { Ec2 } from './ec2.ts';
import type { Agent, Agents } from './ssm-agents.ts';
import { commandAnswer, instanceInformation, invocationAnswer } from './ssm-answers.ts';
import type { RunCommand } from './ssm-commands.ts';
import { describeDocuments } from './ssm-describe.ts';
import type { DocumentContent } from './ssm-documents.ts';
import type { Command } from './ssm-model.ts';
import type { Surroundings } from './surroundings.ts';
import { notImplemented, WireFault, type WireHandler } from './wire.ts';

const instanceId = z.custom<InstanceId>(
  (id) => typeof id === 'string' && /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id),
  'not an instance id',
);
const NextToken = z.optional(z.string());

/** docs: systems-manager/latest/APIReference/API_SendCommand. */
const sendCommand = z.strictObject({
  DocumentName: z.string().check(z.regex(/^[a-zA-Z0-9_\-.:/]{3,128}$/)),
  DocumentVersion: z.optional(z.enum(['1', '$DEFAULT', '$LATEST'])), // a document has one version here
  InstanceIds: z.array(instanceId).check(z.minLength(1), z.maxLength(50)),
  Parameters: z.optional(z.record(z.string(), z.array(z.string()))),
  Comment: z.optional(z.string().check(z.maxLength(100))),
  TimeoutSeconds: z.optional(z.int().check(z.gte(30), z.lte(2_592_000))),
  MaxErrors: z.optional(z.string().check(z.regex(/^(?:[1-9]\d*|0|[1-9]\d?%|0%|100%)$/))),
  MaxConcurrency: z.optional(z.string().check(z.regex(/^(?:[1-9]\d*|[1-9]\d?%|100%)$/))),
});

/** docs: …/API_ListCommands and API_ListCommandInvocations: 1 to 50 a page. */
const listPage = { MaxResults: z.optional(z.int().check(z.gte(1), z.lte(50))), NextToken };
const filters = z.optional(z.array(z.strictObject({ key: z.string(), value: z.string() })));
const commandId = z.optional(z.string());
const listCommands = z.strictObject({
  CommandId: commandId,
  InstanceId: z.optional(instanceId),
  Filters: filters,
  ...listPage,
});
const listInvocations = z.strictObject({ ...listCommands.shape, Details: z.optional(z.boolean()) });
const cancelCommand = z.strictObject({ CommandId: z.string(), InstanceIds: z.optional(z.array(instanceId)) });

/** docs: …/API_DescribeInstanceInformation: 5 to 50 a page, 10 when not said. */
const describeInformation = z.strictObject({
  Filters: z.optional(
    z.array(z.strictObject({ Key: z.string(), Values: z.array(z.string()).check(z.minLength(1), z.maxLength(100)) })),
  ),
  MaxResults: z.optional(z.int().check(z.gte(5), z.lte(50))),
  NextToken,
});

const updateInformation = z.looseObject({
  InstanceId: instanceId,
  AgentName: z.string(),
  AgentVersion: z.string(),
  PlatformType: z.optional(z.string()),
  PlatformName: z.optional(z.string()),
  PlatformVersion: z.optional(z.string()),
  IPAddress: z.optional(z.string()),
  ComputerName: z.optional(z.string()),
});
const listAssociations = z.looseObject({ InstanceId: instanceId });

const pageOf = <T>(items: readonly T[], token: string | undefined, size: number): Page<T> =>
  page(items, token, size, () => new WireFault('InvalidNextToken', 'The specified token is not valid.'));

export function ssmHandler(
  ec2: Ec2,
  agents: Agents,
  commands: RunCommand,
  documents: ReadonlyMap<string, DocumentContent>,
  world: Surroundings,
): WireHandler {
  const operations = {
    ...describeDocuments(documents),
    UpdateInstanceInformation: operation(updateInformation, ({ InstanceId, ...said }) => {
      const { AgentVersion, PlatformType, PlatformName, PlatformVersion, IPAddress, ComputerName } = said;
      agents.ping(InstanceId, { AgentVersion, PlatformType, PlatformName, PlatformVersion, IPAddress, ComputerName });
    }),
    ListInstanceAssociations: operation(listAssociations, () => ({ Associations: [] })),
    DescribeInstanceInformation: operation(
      describeInformation,
      ({ Filters = [], MaxResults = 10, NextToken: token }) => {
        const conditions = Filters.map(agentCondition);
        const found = agents.all().filter((agent) => conditions.every((passes) => passes(agent)));
        for (const { Key, Values } of Filters) if (Key === 'InstanceIds') checkIds(ec2, Values);
        const { items, next } = pageOf(found, token, MaxResults);
        return { InstanceInformationList: items.map(instanceInformation), NextToken: next };
      },
    ),
    SendCommand: operation(sendCommand, (input) => {
      const { InstanceIds: nodes, MaxErrors: maxErrors = '0', MaxConcurrency: maxConcurrency = '50' } = input;
      if (new Set(nodes).size < nodes.length)
        throw new WireFault('DuplicateInstanceId', 'You cannot specify an instance ID in more than one association.');
      if (concurrency(maxConcurrency, nodes.length) < nodes.length)
        throw notImplemented(`MaxConcurrency below the number of nodes`);
      const command = commands.send({
        document: input.DocumentName,
        nodes,
        parameters: input.Parameters ?? {},
        comment: input.Comment ?? '',
        timeoutSeconds: input.TimeoutSeconds ?? 3600,
        maxErrors,
        maxConcurrency,
      });
      return { Command: commandAnswer(command) };
    }),
    ListCommands: operation(listCommands, (input) => {
      const { items, next } = pageOf(select(commands, input), input.NextToken, input.MaxResults ?? 50);
      return { Commands: items.map(commandAnswer), NextToken: next };
    }),
    ListCommandInvocations: operation(listInvocations, ({ Details = false, ...input }) => {
      // docs: …/API_ListCommandInvocations, Errors: InvalidCommandId.
      if (input.CommandId !== undefined && commands.command(input.CommandId) === undefined) {
        throw new WireFault('InvalidCommandId', `The command ${input.CommandId} does not exist.`);
      }
      const all = select(commands, input).flatMap((command) =>
        [...command.invocations.values()]
          .filter(({ node }) => node === (input.InstanceId ?? node))
          .map((invocation) => ({ command, invocation })),
      );
      const { items, next } = pageOf(all, input.NextToken, input.MaxResults ?? 50);
      const answers = items.map(({ command, invocation }) => invocationAnswer(command, invocation, Details));
      return { CommandInvocations: answers, NextToken: next };
    }),
    CancelCommand: operation(cancelCommand, ({ CommandId, InstanceIds }) => {
      const command = commands.command(CommandId);
      if (command === undefined) throw new WireFault('InvalidCommandId', `The command ${CommandId} does not exist.`);
      commands.cancel(command.id, InstanceIds ?? command.nodes);
    }),
  };
  return jsonHandler('AmazonSSM', operations, world);
}

const concurrency = (given: string, nodes: number): number =>
  given.endsWith('%') ? Math.max(1, (Number.parseInt(given, 10) * nodes) / 100) : Number(given);

function agentCondition({
  Key,
  Values,
}: {
  readonly Key: string;
  readonly Values: readonly string[];
}): (agent: Agent) => boolean {
  if (Key === 'InstanceIds') return ({ id }) => Values.includes(id);
  if (Key === 'PingStatus') return ({ ping }) => Values.includes(ping);
  throw notImplemented(`the filter ${Key} of DescribeInstanceInformation`);
}

/** "If you specify a node ID that isn't valid or a node that you don't own, you receive an error" (…/API_DescribeInstanceInformation). */
function checkIds(ec2: Ec2, ids: readonly string[]): void {
  const unknown = ids.some((id) => ec2.instance(id as InstanceId) === undefined);
  if (unknown) throw new WireFault('InvalidInstanceId', 'The specified instance ID is not valid.');
}

type Selection = z.output<typeof listCommands>;

/** The commands that a list asks for, newest first. */
function select(commands: RunCommand, { CommandId, InstanceId, Filters = [] }: Selection): readonly Command[] {
  const conditions = Filters.map(commandCondition);
  return commands
    .commands()
    .filter(({ id, nodes }) => id === (CommandId ?? id) && (InstanceId === undefined || nodes.includes(InstanceId)))
    .filter((command) => conditions.every((passes) => passes(command)));
}

function commandCondition({
  key,
  value,
}: {
  readonly key: string;
  readonly value: string;
}): (command: Command) => boolean {
  if (key === 'InvokedAfter') return ({ requestedAt }) => requestedAt > new Date(value);
  throw notImplemented(`the filter ${key} of ListCommands and ListCommandInvocations`);
}
