import type { Permissions } from './permissions.ts';
import type { Verdict } from './policy-evaluator.ts';
import { type Form, type QueryOperation, queryHandler } from './query-wire.ts';
import { attachmentsOf } from './stored-policies.ts';
import type { Surroundings } from './surroundings.ts';
import { notImplemented, WireFault, type WireHandler } from './wire.ts';

/** Of IAM's API: it tells its forms from other services'. */
export const IAM_VERSION = '2010-05-08';

const DECISIONS: Readonly<Record<Verdict, string>> = {
  Allowed: 'allowed',
  ExplicitlyDenied: 'explicitDeny',
  ImplicitlyDenied: 'implicitDeny',
};

/** The part of IAM that answers questions: docs: IAM/latest/APIReference, page by name. */
export const iamHandler = (permissions: Permissions, world: Surroundings): WireHandler =>
  queryHandler(
    {
      name: 'iam',
      namespace: `https://iam.amazonaws.com/doc/${IAM_VERSION}/`,
      operations: {
        SimulatePrincipalPolicy: simulate(permissions),
        GetPolicy: getPolicy(permissions),
        ListEntitiesForPolicy: listEntities(permissions),
        DetachRolePolicy: detachRole(permissions, world),
      },
    },
    world,
  );

/** Of the principal's own policies, as AWS does where no ResourcePolicy is given; one resource, else AWS answers by each. */
const simulate = (permissions: Permissions): QueryOperation => ({
  reads: ['PolicySourceArn', 'ActionNames', 'ResourceArns', 'ContextEntries'],
  run(form) {
    const principal = form.required('PolicySourceArn');
    if (!permissions.stored.roles.has(principal)) throw noSuchEntity(`The role ${principal} cannot be found.`);
    const [resource = '*', ...more] = form.list('ResourceArns');
    if (more.length > 0) throw notImplemented('SimulatePrincipalPolicy of several resources');
    const context = contextOf(form);
    return {
      EvaluationResults: form.list('ActionNames').map((action) => ({
        EvalActionName: action,
        EvalResourceName: resource,
        EvalDecision: DECISIONS[permissions.verdict(principal, { action, resource, context })],
        MatchedStatements: [],
        MissingContextValues: [],
      })),
      IsTruncated: false,
    };
  },
});

function contextOf(form: Form): Readonly<Record<string, string>> {
  const entries = form.items('ContextEntries').map((entry) => {
    const { ContextKeyName = '', ContextKeyType, 'ContextKeyValues.member.1': value = '', ...others } = entry;
    if (ContextKeyType !== 'string') throw notImplemented(`a context entry of the type ${ContextKeyType}`);
    if (Object.keys(others).length > 0) throw notImplemented(`${Object.keys(others).join(', ')} of a context entry`);
    return [ContextKeyName, value] as const;
  });
  return Object.fromEntries(entries);
}

const getPolicy = ({ stored }: Permissions): QueryOperation => ({
  reads: ['PolicyArn'],
  run(form) {
    const arn = form.required('PolicyArn');
    if (!stored.managed.has(arn)) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
    const PolicyName = arn.split('/').at(-1) ?? '';
    return { Policy: { PolicyName, Arn: arn, AttachmentCount: attachmentsOf(stored, arn).length, IsAttachable: true } };
  },
});

/** Roles only: nobody else has policies here. */
const listEntities = ({ stored }: Permissions): QueryOperation => ({
  reads: ['PolicyArn'],
  run(form) {
    const roles = attachmentsOf(stored, form.required('PolicyArn'));
    const PolicyRoles = roles.map((arn) => ({ RoleName: arn.split('/').at(-1), RoleId: `AROA${arn.length}` }));
    return { PolicyGroups: [], PolicyUsers: [], PolicyRoles, IsTruncated: false };
  },
});

const detachRole = (permissions: Permissions, { accountId }: Surroundings): QueryOperation => ({
  reads: ['RoleName', 'PolicyArn'],
  run(form) {
    const role = `arn:aws:iam::${accountId}:role/${form.required('RoleName')}`;
    const policy = form.required('PolicyArn');
    if (!attachmentsOf(permissions.stored, policy).includes(role))
      throw noSuchEntity(`Policy ${policy} was not found.`);
    permissions.detach(role, policy);
    return undefined;
  },
});

const noSuchEntity = (message: string): WireFault => new WireFault('NoSuchEntity', message, 404);
