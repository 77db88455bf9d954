import type { Stack, StackResource } from './cloudformation-model.ts';
import type { Plan, Step } from './deploy-plan.ts';
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

class ResourceFailure extends Error {
  override readonly name = 'ResourceFailure';
  readonly logicalId: string;
  readonly verb: 'create' | 'update';
  constructor(logicalId: string, verb: 'create' | 'update', reason: string) {
    super(reason);
    this.logicalId = logicalId;
    this.verb = verb;
  }
}

export const begin = (stack: Stack, verb: 'CREATE' | 'UPDATE' | 'DELETE', ground: Ground): void =>
  tellStack(stack, `${verb}_IN_PROGRESS`, ground, 'User Initiated');

/**
 * Creates and changes in the plan's order, then deletes what is left over. A failure brings everything back, and the
 * answer is false.
 */
export function carryOut(stack: Stack, plan: Plan, verb: 'CREATE' | 'UPDATE', ground: Ground): boolean {
  const before = new Map(stack.resources);
  const told = (status: string, reason?: string): void => tellStack(stack, status, ground, reason);
  try {
    for (const step of plan.steps) stack.resources.set(step.logicalId, perform(stack, step, ground));
  } catch (error) {
    if (!(error instanceof ResourceFailure)) throw error;
    rollBack(stack, before, verb, error, ground);
    return false;
  }
  stack.outputs = plan.outputs;
  if (verb === 'UPDATE') told('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
  for (const { logicalId } of plan.removed) stack.resources.delete(logicalId);
  for (const old of [...before.values()].reverse()) {
    const now = stack.resources.get(old.logicalId);
    if (now === undefined) remove(stack, old, old.template.DeletionPolicy, ground);
    else if (now.name !== old.name) remove(stack, old, old.template.UpdateReplacePolicy, ground);
  }
  told(`${verb}_COMPLETE`);
  return true;
}

/** What cannot be deleted stays, and so does the stack. */
export function removeAll(stack: Stack, ground: Ground): void {
  const failed: string[] = [];
  for (const resource of [...stack.resources.values()].reverse()) {
    if (remove(stack, resource, resource.template.DeletionPolicy, ground)) stack.resources.delete(resource.logicalId);
    else failed.push(resource.logicalId);
  }
  if (failed.length === 0) tellStack(stack, 'DELETE_COMPLETE', ground);
  else
    tellStack(stack, 'DELETE_FAILED', ground, `The following resource(s) failed to delete: [${failed.join(', ')}]. `);
}

const tellStack = (stack: Stack, status: string, { say, account }: Ground, reason?: string): void => {
  stack.status = status;
  stack.reason = reason;
  stack.updatedAt = account.clock.now();
  say(stack, { logicalId: stack.name, type: 'AWS::CloudFormation::Stack', physicalId: stack.id }, status, reason);
};

function perform(stack: Stack, step: Step, ground: Ground): StackResource {
  const old = stack.resources.get(step.logicalId);
  if (step.action === 'keep' && old !== undefined) return { ...old, template: step.template };
  const isNew = step.action === 'create' || step.action === 'replace';
  const verb = step.action === 'create' ? 'create' : 'update';
  const told = { logicalId: step.logicalId, type: step.template.Type, physicalId: isNew ? '' : step.physicalId };
  const { say } = ground;
  say(stack, told, `${verb.toUpperCase()}_IN_PROGRESS`);
  try {
    const reason = step.problem ?? ground.failure(step.logicalId);
    if (reason !== undefined) throw new Error(reason);
    const done = make({ ...step, type: step.template.Type }, isNew ? undefined : old, ground);
    const status = `${verb.toUpperCase()}_COMPLETE`;
    say(stack, done, status);
    return { ...done, status };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say(stack, told, `${verb.toUpperCase()}_FAILED`, reason);
    throw new ResourceFailure(step.logicalId, verb, reason);
  }
}

type Wanted = Pick<
  StackResource,
  'logicalId' | 'type' | 'name' | 'physicalId' | 'properties' | 'template' | 'replaced'
>;

function make(
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

/** docs: AWSCloudFormation/latest/UserGuide/stack-failure-options: the stack as it was, by the templates' own policies. */
function rollBack(
  stack: Stack,
  before: ReadonlyMap<string, StackResource>,
  verb: 'CREATE' | 'UPDATE',
  failure: ResourceFailure,
  ground: Ground,
): void {
  const prefix = verb === 'CREATE' ? '' : 'UPDATE_';
  const told = (status: string, reason?: string): void => tellStack(stack, `${prefix}${status}`, ground, reason);
  told('ROLLBACK_IN_PROGRESS', `The following resource(s) failed to ${failure.verb}: [${failure.logicalId}]. `);
  const attempted = [...stack.resources.values()].reverse();
  try {
    for (const now of attempted) {
      const old = before.get(now.logicalId);
      if (old === undefined) continue;
      const isChanged = old.properties !== now.properties && old.name === now.name;
      stack.resources.set(old.logicalId, isChanged ? restore(stack, old, now, ground) : old);
    }
    const failedAt = before.get(failure.logicalId);
    if (failedAt !== undefined) stack.resources.set(failedAt.logicalId, restore(stack, failedAt, failedAt, ground));
  } catch (error) {
    told('ROLLBACK_FAILED', error instanceof Error ? error.message : String(error));
    return;
  }
  if (verb === 'UPDATE') told('ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  for (const now of attempted) {
    const old = before.get(now.logicalId);
    if (old?.name === now.name) continue;
    if (old === undefined) stack.resources.delete(now.logicalId);
    remove(
      stack,
      now,
      old === undefined ? now.template.DeletionPolicy : now.template.UpdateReplacePolicy,
      ground,
      true,
    );
  }
  told('ROLLBACK_COMPLETE');
}

function restore(stack: Stack, old: StackResource, now: StackResource, ground: Ground): StackResource {
  ground.say(stack, old, 'UPDATE_IN_PROGRESS');
  const restored = make(old, now, ground);
  ground.say(stack, old, 'UPDATE_COMPLETE');
  return { ...restored, status: 'UPDATE_COMPLETE' };
}

/** Whether it is gone. A deletion that fails during an update leaves the resource to itself. */
function remove(
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
