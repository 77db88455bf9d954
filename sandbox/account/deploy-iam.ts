import * as z from 'zod/mini';
import type { Undo } from './cloudformation-model.ts';
import { arnOf, type Kind, kind } from './deploy-kind.ts';
import { attachmentsOf } from './stored-policies.ts';
import { WireFault } from './wire.ts';

const document = z.looseObject({ Statement: z.array(z.unknown()) });
const ignored = z.optional(z.unknown());

const role = z.strictObject({
  RoleName: z.optional(z.string()),
  AssumeRolePolicyDocument: document,
  Policies: z._default(z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: document })), []),
  ManagedPolicyArns: z._default(z.array(z.string()), []),
  Description: ignored,
  Tags: ignored,
});
const managedPolicy = z.strictObject({
  ManagedPolicyName: z.optional(z.string()),
  PolicyDocument: document,
  Roles: z._default(z.array(z.string()), []),
  Description: ignored,
});

/** docs: AWSCloudFormation/latest/TemplateReference/AWS_IAM */
export const IAM_KINDS: Readonly<Record<string, Kind>> = {
  'AWS::IAM::Role': kind(
    role,
    ({ AssumeRolePolicyDocument, Policies, ManagedPolicyArns }, creation) =>
      creation.account.permissions.putRole(arnOf(creation), {
        trust: AssumeRolePolicyDocument,
        inline: Object.fromEntries(Policies.map(({ PolicyName, PolicyDocument }) => [PolicyName, PolicyDocument])),
        managed: ManagedPolicyArns,
      }),
    true,
  ),
  'AWS::IAM::ManagedPolicy': kind(
    managedPolicy,
    ({ PolicyDocument, Roles }, { account, attributes }): Undo => {
      const { permissions, accountId } = account;
      const arn = attributes['PolicyArn'] ?? '';
      const removePolicy = permissions.putManagedPolicy(arn, PolicyDocument);
      const detach = Roles.map((name) => permissions.attach(`arn:aws:iam::${accountId}:role/${name}`, arn));
      return () => {
        // CloudFormation detaches it from what the resource itself lists, and from nothing else.
        for (const undo of detach) undo();
        if (attachmentsOf(permissions.stored, arn).length > 0)
          throw new WireFault('DeleteConflict', 'Cannot delete a policy attached to entities.', 409);
        removePolicy();
      };
    },
    true,
  ),
};
