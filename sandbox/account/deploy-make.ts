import type { Stack, StackResource } from './cloudformation-model.ts';
import type { Creation, RunnerOf, Services } from './deploy-kind.ts';
import { KINDS } from './deploy-resource.ts';
import { identityOf, type Place } from './template-names.ts';

/** What an update works in. */
export interface Ground {
  readonly account: Services;
  readonly runner: RunnerOf;
  readonly place: Place;
  /** The stack of every resource there is, by type and name. */
  readonly claims: Map<string, string>;
  /** Why the next creation or change of a logical id fails; read once. */
  readonly failure: (logicalId: string) => string | undefined;
  readonly say: (
    stack: Stack,
    resource: Pick<StackResource, 'logicalId' | 'type' | 'physicalId'>,
    status: string,
    reason?: string,
  ) => void;
}

export const tellStack = (stack: Stack, status: string, { say, account }: Ground, reason?: string): void => {
  stack.status = status;
  stack.reason = reason;
  if (!status.startsWith('CREATE_')) stack.updatedAt = account.clock.now();
  say(stack, { logicalId: stack.name, type: 'AWS::CloudFormation::Stack', physicalId: stack.id }, status, reason);
};

type Wanted = Pick<
  StackResource,
  'logicalId' | 'type' | 'name' | 'physicalId' | 'properties' | 'template' | 'replaced'
>;

/** Creates a resource, or changes `old` into it. */
export function make(
  { logicalId, type, name, physicalId, properties, template, replaced }: Wanted,
  old: StackResource | undefined,
  ground: Ground,
): StackResource {
  const { account, runner, place, claims } = ground;
  const kind = KINDS[type];
  if (kind === undefined) throw new Error(`${type} is not modelled`);
  const claim = `${type} ${name}`;
  const owner = claims.get(claim);
  if (old === undefined && owner !== undefined) throw new Error(`${name} already exists in stack ${owner}`);
  if (old !== undefined && !kind.isUpdatable) old.undo();
  const creation: Creation = {
    account,
    runner,
    name,
    systemTags: {
      'aws:cloudformation:stack-name': place.stack,
      'aws:cloudformation:stack-id': place.stackId,
      'aws:cloudformation:logical-id': logicalId,
    },
    attributes: identityOf(type, name, place).attributes,
    isNew: old === undefined,
  };
  const takeBack = kind.put(properties, creation);
  claims.set(claim, place.stackId);
  const undo = (): void => {
    takeBack();
    claims.delete(claim);
  };
  return {
    logicalId,
    type,
    name,
    physicalId,
    properties,
    template,
    replaced,
    undo,
    status: '',
    at: account.clock.now(),
  };
}

/** Whether it is gone. A deletion that fails during an update leaves the resource to itself. */
export function remove(
  stack: Stack,
  resource: StackResource,
  policy: StackResource['template']['DeletionPolicy'],
  { say }: Ground,
  isRollback = false,
): boolean {
  if (policy === 'Retain' || (policy === 'RetainExceptOnCreate' && !isRollback)) {
    say(stack, resource, 'DELETE_SKIPPED');
    return true;
  }
  say(stack, resource, 'DELETE_IN_PROGRESS');
  try {
    resource.undo();
  } catch (error) {
    say(stack, resource, 'DELETE_FAILED', error instanceof Error ? error.message : String(error));
    return false;
  }
  say(stack, resource, 'DELETE_COMPLETE');
  return true;
}
