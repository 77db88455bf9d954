import { CREATORS, type Ground } from './deploy-resource.ts';
import { type Place, scopeOf } from './template-names.ts';
import { IGNORED_TYPES } from './template-resources.ts';
import { isTrue, readTemplate, resolve, type Scope, type Template } from './template.ts';

interface DeployOptions extends Ground {
  /** `http://…:4566` of the account's face. */
  readonly endpoint: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly stack?: string;
}

export interface Stack {
  readonly outputs: Readonly<Record<string, string>>;
  /** ARN of each function, by its logical id. */
  readonly functions: Readonly<Record<string, string>>;
}

/** Creates everything that a packaged template describes; what it cannot simulate, it refuses by name. */
export function deployTemplate(source: unknown, options: DeployOptions): Stack {
  const { account, endpoint, stack = 'prometheus-on-emr', parameters = {} } = options;
  const template = readTemplate(source);
  const place: Place = { stack, endpoint, accountId: account.accountId, region: account.region };
  const scope = scopeOf(template, place, parameters);
  const wanted = Object.entries(template.Resources).filter(
    ([, { Condition }]) => Condition === undefined || isTrue(Condition, scope),
  );
  const unknown = wanted.filter(([, { Type }]) => !(Type in CREATORS) && !IGNORED_TYPES.has(Type));
  if (unknown.length > 0) {
    throw new Error(`template: not modelled: ${unknown.map(([id, { Type }]) => `${id} (${Type})`).join(', ')}`);
  }
  for (const [type, create] of Object.entries(CREATORS)) {
    for (const [logicalId, { Properties = {} }] of wanted.filter(([, { Type }]) => Type === type)) {
      create(resolve(Properties, scope), { ...options, scope, logicalId });
    }
  }
  const outputs = outputsOf(template, scope);
  account.stacks.put({
    id: String(scope.parameters['AWS::StackId']),
    name: stack,
    createdAt: account.clock.now(),
    outputs: Object.entries(outputs).map(([key, value]) => ({
      key,
      value,
      description: template.Outputs?.[key]?.Description,
    })),
  });
  return { outputs, functions: functionsOf(wanted, scope) };
}

const outputsOf = ({ Outputs = {} }: Template, scope: Scope): Record<string, string> =>
  Object.fromEntries(
    Object.entries(Outputs)
      .filter(([, { Condition }]) => Condition === undefined || isTrue(Condition, scope))
      .map(([name, { Value }]) => [name, String(resolve(Value, scope))]),
  );

const functionsOf = (
  wanted: readonly (readonly [string, { readonly Type: string }])[],
  scope: Scope,
): Record<string, string> =>
  Object.fromEntries(
    wanted
      .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
      .map(([logicalId]) => [logicalId, scope.attribute(logicalId, 'Arn') ?? '']),
  );
