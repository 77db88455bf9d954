import type { Stack, StackResource } from './cloudformation-model.ts';
import { type Ground, make, remove, tellStack } from './deploy-make.ts';

export class ResourceFailure extends Error {
  override readonly name = 'ResourceFailure';
  readonly logicalId: string;
  readonly verb: 'create' | 'update';
  constructor(logicalId: string, verb: 'create' | 'update', reason: string) {
    super(reason);
    this.logicalId = logicalId;
    this.verb = verb;
  }
}

/**
 * The stack as it was: first what was changed, then, by its template's own policies, what was created is deleted.
 * docs: AWSCloudFormation/latest/UserGuide/stack-failure-options, using-cfn-updating-stacks-update-behaviors
 */
export function rollBack(
  stack: Stack,
  before: ReadonlyMap<string, StackResource>,
  verb: 'CREATE' | 'UPDATE',
  failure: ResourceFailure,
  ground: Ground,
): void {
  const told = (status: string, reason?: string): void =>
    tellStack(stack, verb === 'CREATE' ? status : `UPDATE_${status}`, ground, reason);
  told('ROLLBACK_IN_PROGRESS', `The following resource(s) failed to ${failure.verb}: [${failure.logicalId}]. `);
  const attempted = [...stack.resources.values()].reverse();
  try {
    for (const now of attempted) bringBack(stack, before.get(now.logicalId), now, failure, ground);
  } catch (error) {
    told('ROLLBACK_FAILED', error instanceof Error ? error.message : String(error));
    return;
  }
  if (verb === 'UPDATE') told('ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  for (const now of attempted) dropNew(stack, before.get(now.logicalId), now, ground);
  told('ROLLBACK_COMPLETE');
}

/** One that failed half-way may have been changed all the same. */
function bringBack(
  stack: Stack,
  old: StackResource | undefined,
  now: StackResource,
  failure: ResourceFailure,
  ground: Ground,
): void {
  if (old === undefined) return;
  const isChanged = old.properties !== now.properties && old.name === now.name;
  const isToRestore = isChanged || now.logicalId === failure.logicalId;
  stack.resources.set(old.logicalId, isToRestore ? restore(stack, old, now, ground) : old);
}

function dropNew(stack: Stack, old: StackResource | undefined, now: StackResource, ground: Ground): void {
  if (old?.name === now.name) return;
  if (old === undefined) stack.resources.delete(now.logicalId);
  const { DeletionPolicy, UpdateReplacePolicy } = now.template;
  remove(stack, now, old === undefined ? DeletionPolicy : UpdateReplacePolicy, ground, true);
}

function restore(stack: Stack, old: StackResource, now: StackResource, ground: Ground): StackResource {
  ground.say(stack, old, 'UPDATE_IN_PROGRESS');
  const restored = make(old, now, ground);
  ground.say(stack, old, 'UPDATE_COMPLETE');
  return { ...restored, status: 'UPDATE_COMPLETE' };
}
