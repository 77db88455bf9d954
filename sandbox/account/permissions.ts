import { type Asked, evaluate, kindOf, type Policy, readPolicy, type Verdict } from './policy-evaluator.ts';
import { administrator, roleOf } from './principals.ts';
import type { Stored, StoredRole } from './stored-policies.ts';
import { WireFault } from './wire.ts';

type Documents = Readonly<Record<string, unknown>>;

interface RoleSettings {
  readonly trust: unknown;
  /** Inline policies by name. */
  readonly inline?: Documents;
  /** ARNs of managed policies. */
  readonly managed?: readonly string[];
}

/** A question that was asked, in a form that stands for all of its kind: any cluster, any instance. */
export interface Decision extends Asked {
  readonly principal: string;
  readonly verdict: Verdict;
}

/** Leave that a resource's own policy gives a service: AddPermission of Lambda. */
interface Grant {
  readonly service: string;
  readonly action: string;
  readonly resourceArn: string;
  /** `aws:SourceArn` must be one of these; undefined: any. */
  readonly sourceArns?: readonly string[];
}

type TakeBack = () => void;

/** IAM of one account: what roles may do, what resources let in, and every decision so far. */
export interface Permissions {
  putRole(arn: string, role: RoleSettings): TakeBack;
  /** PutRolePolicy: one more, or another text for one that is there. */
  putInlinePolicy(roleArn: string, name: string, document: unknown): TakeBack;
  putManagedPolicy(arn: string, document: unknown): TakeBack;
  /** AttachRolePolicy. */
  attach(roleArn: string, policyArn: string): TakeBack;
  /** DetachRolePolicy. */
  detach(roleArn: string, policyArn: string): void;
  grant(grant: Grant): TakeBack;
  /** One statement of the policy that is attached to these resources: queues, buckets. */
  grantStatement(statement: unknown, attachedTo: readonly string[]): TakeBack;
  /** Asked for the sake of the answer: it is no decision. */
  verdict(principal: string, asked: Asked): Verdict;
  isAllowed(principal: string, asked: Asked): boolean;
  /** Throws the WireFault `AccessDenied` in AWS's own words. */
  check(principal: string, asked: Asked): void;
  /** Whether the role's trust lets the service assume it. */
  mayAssume(service: string, roleArn: string): boolean;
  /** What there is, for those who only look. */
  readonly stored: Stored;
  /** Each kind of question once, with each answer that it ever had. */
  decisions(): readonly Decision[];
  policiesOf(principal: string): readonly Policy[];
}

const policyOf = (...statements: readonly unknown[]) => ({ Version: '2012-10-17', Statement: statements });

/** `onDenied`: hears every refusal, in AWS's words. */
export function createPermissions(accountId: string, onDenied: (message: string) => void = () => {}): Permissions {
  const roles = new Map<string, StoredRole>();
  const managed = new Map<string, Policy>();
  const attachments = new Set<{ readonly statement: unknown; readonly attachedTo: readonly string[] }>();
  const decided = new Map<string, Decision>();
  /** Under whatever policies. */
  const seen = new Map<string, Decision>();
  const roleNamed = (arn: string): StoredRole => {
    const role = roles.get(arn);
    if (role === undefined) throw new WireFault('NoSuchEntity', `The role ${arn} cannot be found.`, 404);
    return role;
  };
  /** IAM's changes count at once here; in AWS they take seconds. */
  const changed = (): void => decided.clear();

  function put<T>(known: Map<string, T>, arn: string, value: T): TakeBack {
    known.set(arn, value);
    changed();
    return () => {
      known.delete(arn);
      changed();
    };
  }

  function identityOf(principal: string): readonly Policy[] {
    const role = roles.get(roleOf(principal));
    if (role === undefined) return [];
    return [...role.inline, ...role.managed.flatMap((arn) => managed.get(arn) ?? [])];
  }
  function resourcePolicyOf(resource: string): Policy | undefined {
    const owner = resource.startsWith('arn:aws:s3:::') ? (resource.split('/')[0] ?? '') : resource;
    const statements = [...attachments].flatMap(({ statement, attachedTo }) =>
      attachedTo.includes(owner) ? [statement] : [],
    );
    return statements.length === 0 ? undefined : readPolicy('resource', owner, policyOf(...statements));
  }
  function verdict(principal: string, asked: Asked): Verdict {
    const policies = { identity: identityOf(principal), resourcePolicy: resourcePolicyOf(asked.resource) };
    return evaluate({ ...asked, principal, accountId, ...policies });
  }
  function decide(principal: string, asked: Asked): Decision {
    const kind = kindOf(principal, asked);
    const known = decided.get(kind);
    if (known !== undefined) return known;
    const decision = { ...asked, principal, verdict: verdict(principal, asked) };
    decided.set(kind, decision);
    seen.set(`${decision.verdict} ${kind}`, decision);
    return decision;
  }
  function whyNot(principal: string, asked: Asked): string {
    if (decide(principal, asked).verdict === 'ImplicitlyDenied')
      return `because no identity-based policy allows the ${asked.action} action`;
    const alone = evaluate({ ...asked, principal, accountId, identity: identityOf(principal) });
    const kind = alone === 'ExplicitlyDenied' ? 'an identity-based' : 'a resource-based';
    return `with an explicit deny in ${kind} policy`;
  }
  const isAllowed = (principal: string, asked: Asked): boolean => decide(principal, asked).verdict === 'Allowed';

  const permissions: Permissions = {
    putRole(arn, { trust, inline = {}, managed: attached = [] }) {
      const policies = Object.entries(inline).map(([name, document]) => readPolicy('identity', name, document));
      return put(roles, arn, {
        trust: readPolicy('trust', `trust of ${arn}`, trust),
        inline: policies,
        managed: attached,
      });
    },
    putInlinePolicy(roleArn, name, document) {
      const policy = readPolicy('identity', name, document);
      const others = (): readonly Policy[] =>
        roleNamed(roleArn).inline.filter(({ metadata }) => metadata?.name !== name);
      put(roles, roleArn, { ...roleNamed(roleArn), inline: [...others(), policy] });
      return () => {
        if (roles.has(roleArn)) put(roles, roleArn, { ...roleNamed(roleArn), inline: others() });
      };
    },
    putManagedPolicy: (arn, document) => put(managed, arn, readPolicy('identity', arn, document)),
    attach(roleArn, policyArn) {
      const role = roleNamed(roleArn);
      put(roles, roleArn, { ...role, managed: [...new Set([...role.managed, policyArn])] });
      return () => permissions.detach(roleArn, policyArn);
    },
    detach(roleArn, policyArn) {
      const role = roles.get(roleArn);
      if (role === undefined) return;
      put(roles, roleArn, { ...role, managed: role.managed.filter((one) => one !== policyArn) });
    },
    grant({ service, action, resourceArn, sourceArns }) {
      const Condition =
        sourceArns === undefined ? {} : { Condition: { ArnLike: { 'aws:SourceArn': [...sourceArns] } } };
      const statement = { Effect: 'Allow', Principal: { Service: service }, Action: action, Resource: resourceArn };
      return permissions.grantStatement({ ...statement, ...Condition }, [resourceArn]);
    },
    grantStatement(statement, attachedTo) {
      readPolicy('resource', attachedTo.join(', '), policyOf(statement));
      const attachment = { statement, attachedTo };
      attachments.add(attachment);
      changed();
      return () => {
        attachments.delete(attachment);
        changed();
      };
    },
    verdict,
    isAllowed,
    check(principal, asked) {
      if (isAllowed(principal, asked)) return;
      const { action, resource } = asked;
      const what = `User: ${principal} is not authorized to perform: ${action} on resource: ${resource}`;
      const message = `${what} ${whyNot(principal, asked)}`;
      onDenied(message);
      throw new WireFault('AccessDenied', message, 403);
    },
    mayAssume(service, roleArn) {
      const question = { principal: service, accountId, action: 'sts:AssumeRole', resource: roleArn, identity: [] };
      return evaluate({ ...question, resourcePolicy: roleNamed(roleArn).trust }) === 'Allowed';
    },
    stored: { roles, managed, attachments },
    decisions: () => [...seen.values()],
    policiesOf: identityOf,
  };
  permissions.putRole(roleOf(administrator(accountId)), {
    trust: policyOf({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: 'sts:AssumeRole',
    }),
    inline: { AdministratorAccess: policyOf({ Effect: 'Allow', Action: '*', Resource: '*' }) },
  });
  return permissions;
}
