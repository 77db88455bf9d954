import { isTrue, resolve, type Scope, type Template, type TemplateResource } from './template.ts';
import { WireFault } from './wire.ts';

/** The resources whose condition holds, in an order in which each comes after what it needs; else the template's. */
export function inOrder(template: Template, scope: Scope): readonly (readonly [string, TemplateResource])[] {
  const wanted = new Map(
    Object.entries(template.Resources).filter(
      ([, { Condition }]) => Condition === undefined || isTrue(Condition, scope),
    ),
  );
  const needs = new Map([...wanted].map(([id, resource]) => [id, needsOf(resource, scope)]));
  const nowhere = [...new Set([...needs.values()].flat())].filter((id) => !wanted.has(id));
  if (nowhere.length > 0) {
    throw invalid(
      `Template format error: Unresolved resource dependencies [${nowhere.join(', ')}] in the Resources block of the template`,
    );
  }
  const order: string[] = [];
  const visit = (id: string, path: readonly string[]): void => {
    if (order.includes(id)) return;
    const circle = path.indexOf(id);
    if (circle !== -1) throw invalid(`Circular dependency between resources: [${path.slice(circle).join(', ')}]`);
    for (const need of needs.get(id) ?? []) visit(need, [...path, id]);
    order.push(id);
  };
  for (const id of wanted.keys()) visit(id, []);
  return order.flatMap((id) => {
    const resource = wanted.get(id);
    return resource === undefined ? [] : [[id, resource] as const];
  });
}

const invalid = (message: string): WireFault => new WireFault('ValidationError', message);

/** DependsOn, and whatever `Ref`, `Fn::GetAtt` and `Fn::Sub` name in the branches that are taken. */
function needsOf({ Properties = {}, DependsOn = [] }: TemplateResource, scope: Scope): readonly string[] {
  const named = new Set([DependsOn].flat());
  resolve(Properties, {
    ...scope,
    ref(logicalId) {
      const found = scope.ref(logicalId);
      if (found !== undefined) named.add(logicalId);
      return found;
    },
    attribute(logicalId, name) {
      named.add(logicalId);
      return scope.attribute(logicalId, name);
    },
  });
  return [...named];
}
