import * as z from 'zod/mini';
import type { InstanceId } from '../../shared/core/model.ts';
import { jsonHandler, operation, parseJson } from './aws-json.ts';
import type { Mds } from './mds.ts';
import type { Agents } from './ssm-agents.ts';
import type { AgentReply, RunCommand } from './ssm-commands.ts';
import type { PluginResult } from './ssm-model.ts';
import type { Surroundings } from './surroundings.ts';
import { WireFault, type WireHandler } from './wire.ts';

/** The agent's client gives up after 20 s (its Mds.StopTimeoutMillis): the answer must come sooner. */
const LONG_POLL_MS = 15_000;
/** docs: systems-manager/latest/APIReference/API_CommandPlugin, Output. */
const OUTPUT_CHARACTERS = 2500;

const instanceId = z.custom<InstanceId>((id) => typeof id === 'string' && /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id));
const getMessages = z.strictObject({
  Destination: instanceId,
  MessagesRequestId: z.string(),
  VisibilityTimeoutInSeconds: z.number(),
});
const oneMessage = z.strictObject({ MessageId: z.string() });
const failMessage = z.strictObject({ MessageId: z.string(), FailureType: z.string() });
const sendReply = z.strictObject({ MessageId: z.string(), ReplyId: z.string(), Payload: z.string() });

/** The agent's own words; fields that the service does not use are left alone. */
const payload = z.looseObject({
  documentStatus: z.string(),
  documentTraceOutput: z.optional(z.string()),
  runtimeStatus: z.nullish(
    z.record(
      z.string(),
      z.looseObject({
        status: z.string(),
        code: z.number(),
        output: z.optional(z.string()),
        startDateTime: z.optional(z.string()),
        endDateTime: z.optional(z.string()),
      }),
    ),
  ),
});

const STEP_STATUS = z.enum(['Pending', 'InProgress', 'Success', 'TimedOut', 'Cancelled', 'Failed']);

/** The agent's message service, whose wire is not documented: after amazon-ssm-agent's own client. */
export function mdsHandler(queues: Mds, agents: Agents, commands: RunCommand, world: Surroundings): WireHandler {
  return jsonHandler(
    'EC2WindowsMessageDeliveryService',
    {
      GetMessages: operation(getMessages, async ({ Destination, MessagesRequestId, VisibilityTimeoutInSeconds }) => {
        agents.seen(Destination);
        const Messages = await queues.poll(Destination, VisibilityTimeoutInSeconds * 1000, LONG_POLL_MS);
        return { Destination, MessagesRequestId, Messages };
      }),
      AcknowledgeMessage: operation(oneMessage, ({ MessageId }) => commands.acknowledge(MessageId)),
      FailMessage: operation(failMessage, ({ MessageId }) => commands.fail(MessageId)),
      SendReply: operation(sendReply, ({ MessageId, Payload }) => commands.reply(MessageId, readReply(Payload))),
    },
    world,
  );
}

const instant = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

function readReply(text: string): AgentReply {
  const read = z.safeParse(payload, parseJson(text));
  if (!read.success) throw new WireFault('ValidationException', z.prettifyError(read.error));
  const { documentStatus, documentTraceOutput = '', runtimeStatus } = read.data;
  const steps = Object.entries(runtimeStatus ?? {}).map(([name, step]): PluginResult => {
    const status = STEP_STATUS.safeParse(step.status);
    return {
      name,
      // Skipped is no PluginStatus of the API.
      status: status.success ? status.data : 'Success',
      code: step.code,
      output: (step.output ?? '').slice(0, OUTPUT_CHARACTERS),
      startedAt: instant(step.startDateTime),
      endedAt: instant(step.endDateTime),
    };
  });
  return { documentStatus, trace: documentTraceOutput, steps };
}
