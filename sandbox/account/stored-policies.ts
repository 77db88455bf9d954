import type { Policy } from './policy-evaluator.ts';

export interface StoredRole {
  readonly trust: Policy;
  readonly inline: readonly Policy[];
  /** ARNs. */
  readonly managed: readonly string[];
}

/** IAM's and the resources' policies as they stand. */
export interface Stored {
  readonly roles: ReadonlyMap<string, StoredRole>;
  readonly managed: ReadonlyMap<string, Policy>;
  readonly attachments: ReadonlySet<{ readonly statement: unknown; readonly attachedTo: readonly string[] }>;
}

/** ARNs of the roles that a managed policy is attached to. */
export const attachmentsOf = ({ roles }: Stored, policyArn: string): readonly string[] =>
  [...roles].flatMap(([arn, { managed }]) => (managed.includes(policyArn) ? [arn] : []));

/** The policy that is attached to a resource; undefined where there is none. */
export function policyOn({ attachments }: Stored, resource: string): object | undefined {
  const statements = [...attachments].flatMap(({ statement, attachedTo }) =>
    attachedTo.includes(resource) ? [statement] : [],
  );
  return statements.length === 0 ? undefined : { Version: '2012-10-17', Statement: statements };
}
