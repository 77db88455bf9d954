import { isDeepStrictEqual } from 'node:util';
import type { Change, Source, Stack, StackOutput, StackResource } from './cloudformation-model.ts';
import { KINDS } from './deploy-resource.ts';
import { customName, generatedName, identityOf, type Place, replacing, scopeOf } from './template-names.ts';
import { inOrder } from './template-order.ts';
import { isTrue, resolve, type Scope, type TemplateResource } from './template.ts';
import { notImplemented } from './wire.ts';

/** What becomes of one resource of the template. */
export interface Step {
  readonly action: 'create' | 'keep' | 'update' | 'replace';
  readonly logicalId: string;
  readonly template: TemplateResource;
  readonly name: string;
  readonly physicalId: string;
  readonly properties: unknown;
  readonly replaced: number;
  /** Why CloudFormation will fail here. */
  readonly problem?: string;
}

/** All of an update, before anything of it is done. */
export interface Plan {
  /** Each after what it needs. */
  readonly steps: readonly Step[];
  /** Resources that the template no longer has. */
  readonly removed: readonly StackResource[];
  readonly outputs: readonly StackOutput[];
}

/** Throws what CloudFormation answers to a template or a parameter that it refuses, and on what is not modelled. */
export function planOf(stack: Stack, { template, parameters }: Source, place: Place): Plan {
  const names = new Map([...stack.resources].map(([id, { name }]) => [id, name]));
  const scope = scopeOf(template, place, parameters, (id) => names.get(id) ?? generatedName(place, id));
  const wanted = inOrder(template, scope);
  refuseUnmodelled(wanted, scope);
  const steps = wanted.map(([logicalId, resource]) => {
    const step = stepOf(logicalId, resource);
    names.set(logicalId, step.name);
    return step;
  });

  function stepOf(logicalId: string, resource: TemplateResource): Step {
    const old = stack.resources.get(logicalId);
    const custom = customName(template, logicalId, scope);
    const properties = resolve(resource.Properties ?? {}, scope);
    const step = (action: Step['action'], replaced: number, problem?: string): Step => {
      const name = custom ?? generatedName(place, logicalId, replaced);
      const { ref } = identityOf(resource.Type, name, place);
      const rest = { template: resource, name, physicalId: ref, properties, replaced };
      return { action, logicalId, ...rest, ...(problem !== undefined && { problem }) };
    };
    if (old === undefined) return step('create', 0);
    if (old.type !== resource.Type) {
      return step(
        'update',
        0,
        `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${logicalId}]`,
      );
    }
    if (isDeepStrictEqual(old.properties, properties)) return step('keep', old.replaced);
    if (!replacing(resource.Type, old.properties, properties)) return step('update', old.replaced);
    return custom === old.name ? step('replace', old.replaced, customNamed(custom)) : step('replace', old.replaced + 1);
  }

  const removed = [...stack.resources.values()].filter(
    ({ logicalId }) => !steps.some((step) => step.logicalId === logicalId),
  );
  const outputs = Object.entries(template.Outputs ?? {})
    .filter(([, { Condition }]) => Condition === undefined || isTrue(Condition, scope))
    .map(([key, { Value, Description }]) => ({ key, value: String(resolve(Value, scope)), description: Description }));
  return { steps, removed, outputs };
}

const customNamed = (name: string): string =>
  `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${name} and update the stack again.`;

function refuseUnmodelled(wanted: readonly (readonly [string, TemplateResource])[], scope: Scope): void {
  const problems = wanted.flatMap(([id, { Type, Properties = {} }]) => {
    const kind = KINDS[Type];
    if (kind === undefined) return [`${id} (${Type})`];
    const unknown = kind.unmodelled(resolve(Properties, scope));
    return unknown.length === 0 ? [] : [`${id} (${Type}): ${unknown.join(', ')}`];
  });
  if (problems.length > 0) throw notImplemented(problems.join('; '));
}

/** Nothing to do: CloudFormation refuses such an update. */
export const isEmpty = (stack: Stack, { steps, removed, outputs }: Plan): boolean =>
  removed.length === 0 && steps.every(({ action }) => action === 'keep') && isDeepStrictEqual(stack.outputs, outputs);

export const changesOf = ({ steps, removed }: Plan): readonly Change[] => [
  ...steps.flatMap(({ action, logicalId, template: { Type: type } }) => {
    if (action === 'keep') return [];
    const isReplacement = action === 'replace';
    return [{ action: action === 'create' ? ('Add' as const) : ('Modify' as const), logicalId, type, isReplacement }];
  }),
  ...removed.map(({ logicalId, type }) => ({ action: 'Remove' as const, logicalId, type, isReplacement: false })),
];
