import type { Decision, Permissions } from '../../sandbox/account/permissions.ts';
import { evaluate, readPolicy } from '../../sandbox/account/policy-evaluator.ts';
import { roleOf } from '../../sandbox/account/principals.ts';

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** One action on one resource under one value of each condition: the smallest right that a policy gives. */
interface Right {
  readonly said: string;
  readonly statement: object;
}

/** Everything that a policy's statements allow, one by one. */
const rightsOf = (statements: readonly Statement[]): readonly Right[] =>
  statements.flatMap(({ Sid, Effect, Action, Resource, Condition }) =>
    [Action].flat().flatMap((action) =>
      [Resource].flat().flatMap((resource) =>
        eachValue(Condition).map((condition) => ({
          said: [Sid, action, resource, ...Object.values(condition).flatMap(Object.values)].join(' '),
          statement: { Effect, Action: action, Resource: resource, Condition: condition },
        })),
      ),
    ),
  );

type Condition = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A condition with a list of values, once for each value. */
function eachValue(condition: Statement['Condition'] = {}): readonly Condition[] {
  const lists = Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(keys).flatMap(([key, values]) => (Array.isArray(values) ? [{ operator, key, values }] : [])),
  );
  const [list] = lists;
  if (list === undefined) return [condition];
  return list.values.map((value: unknown) => ({
    ...condition,
    [list.operator]: { ...condition[list.operator], [list.key]: value },
  }));
}

const isUsed = ({ statement }: Right, decisions: readonly Decision[], accountId: string): boolean => {
  const policy = readPolicy('identity', 'one right', { Version: '2012-10-17', Statement: [statement] });
  return decisions.some((decision) => evaluate({ ...decision, accountId, identity: [policy] }) === 'Allowed');
};

/** The rights of a role that nothing has needed so far, as `<statement> <action> <resource> <values of conditions>`. */
export function unusedRights(permissions: Permissions, role: string): readonly string[] {
  const accountId = role.split(':')[4] ?? '';
  const used = permissions.decisions().filter(({ principal, verdict }) => {
    return roleOf(principal) === role && verdict === 'Allowed';
  });
  const statements = permissions
    .policiesOf(role)
    .flatMap(({ policyDocument }) => (policyDocument as { readonly Statement: readonly Statement[] }).Statement);
  return rightsOf(statements)
    .filter((right) => !isUsed(right, used, accountId))
    .map(({ said }) => said);
}
