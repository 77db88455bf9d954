import type { Stack, StackResource } from './cloudformation-model.ts';
import { type Ground, make, remove, tellStack } from './deploy-make.ts';
import type { Plan, Step } from './deploy-plan.ts';
import { ResourceFailure, rollBack } from './deploy-roll-back.ts';

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
  // What a later deletion goes through backwards.
  const ordered = plan.steps.flatMap(({ logicalId }) => stack.resources.get(logicalId) ?? []);
  stack.resources.clear();
  for (const resource of ordered) stack.resources.set(resource.logicalId, resource);
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
