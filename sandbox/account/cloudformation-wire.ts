import { cut, disturbedCall } from './disturbed-call.ts';
import { type Xml, xml } from './query-xml.ts';
import type { Surroundings } from './surroundings.ts';
import { notImplemented, WireFault, type WireHandler, type WireResponse } from './wire.ts';

/** Of CloudFormation's API: it tells its forms from EC2's. */
export const CLOUDFORMATION_VERSION = '2010-05-15';
const NAMESPACE = ` xmlns="http://cloudformation.amazonaws.com/doc/${CLOUDFORMATION_VERSION}/"`;
const MODELLED = new Set(['Action', 'Version', 'StackName']);

interface StackRecord {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly outputs: readonly {
    readonly key: string;
    readonly value: string;
    readonly description?: string | undefined;
  }[];
}

/** What has been deployed, by name. */
export interface Stacks {
  put(stack: StackRecord): void;
  all(): readonly StackRecord[];
}

export function createStacks(): Stacks {
  const stacks = new Map<string, StackRecord>();
  return { put: (stack) => void stacks.set(stack.name, stack), all: () => [...stacks.values()] };
}

/** docs: AWSCloudFormation/latest/APIReference/API_DescribeStacks */
export function cloudFormationHandler(stacks: Stacks, world: Surroundings): WireHandler {
  function describeStacks(wanted: string | null): Xml {
    const found = stacks.all().filter(({ id, name }) => wanted === null || wanted === name || wanted === id);
    if (wanted !== null && found.length === 0) {
      throw new WireFault('ValidationError', `Stack with id ${wanted} does not exist`);
    }
    return {
      DescribeStacksResult: { Stacks: found.map(stackItem) },
      ResponseMetadata: { RequestId: world.ids.uuid() },
    };
  }

  return async ({ body }) => {
    const form = new URLSearchParams(new TextDecoder().decode(body));
    const action = form.get('Action') ?? '';
    try {
      if (action !== 'DescribeStacks') throw notImplemented(`the operation cloudformation:${action}`);
      const unknown = [...form.keys()].filter((name) => !MODELLED.has(name));
      if (unknown.length > 0) throw notImplemented(`the parameter ${unknown.join(', ')} of ${action}`);
      const run = () => describeStacks(form.get('StackName'));
      const { answer, broken } = await disturbedCall(action, world, run);
      const response = respond(200, `${action}Response`, answer);
      return { ...response, ...cut(broken, response.body) };
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      const { code, message, status } = error;
      const type = status < 500 ? 'Sender' : 'Receiver';
      return respond(status, 'ErrorResponse', {
        Error: { Type: type, Code: code, Message: message },
        RequestId: world.ids.uuid(),
      });
    }
  };
}

const stackItem = ({ id, name, createdAt, outputs }: StackRecord): Xml => ({
  StackId: id,
  StackName: name,
  CreationTime: createdAt,
  DisableRollback: false,
  StackStatus: 'CREATE_COMPLETE',
  Outputs: outputs.map(({ key, value, description }) => ({
    OutputKey: key,
    OutputValue: value,
    Description: description,
  })),
});

const respond = (status: number, root: string, content: Xml): WireResponse & { body: string } => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<${root}${NAMESPACE}>${xml(content, 'member')}</${root}>`,
});
