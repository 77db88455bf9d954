/** Leave that a resource's own policy gives a service: queue policies and Lambda permissions. */
interface Grant {
  readonly service: string;
  readonly action: string;
  readonly resourceArn: string;
  /** `aws:SourceArn` must be one of these; undefined: any. */
  readonly sourceArns?: readonly string[];
}

/** One statement of a resource's policy. */
interface Statement {
  readonly Effect: string;
  readonly Principal: unknown;
  readonly Action: unknown;
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

export interface Permissions {
  grant(grant: Grant): void;
  /** As far as it speaks of `attachedTo`. Throws on a condition that is not modelled. */
  grantStatement(statement: Statement, attachedTo: readonly string[]): void;
  /** docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html */
  mayDeliver(ruleArn: string, targetArn: string): boolean;
}

/** Exact matches only: no wildcards, no Deny. IAM roles are not evaluated at all. */
export function createPermissions(): Permissions {
  const grants: Grant[] = [];
  return {
    grant(grant) {
      grants.push(grant);
    },
    grantStatement(statement, attachedTo) {
      grants.push(...grantsOf(statement).filter(({ resourceArn }) => attachedTo.includes(resourceArn)));
    },
    mayDeliver: (ruleArn, targetArn) =>
      grants.some(
        ({ service, action, resourceArn, sourceArns }) =>
          service === 'events.amazonaws.com' &&
          action === (targetArn.startsWith('arn:aws:sqs:') ? 'sqs:SendMessage' : 'lambda:InvokeFunction') &&
          resourceArn === targetArn &&
          (sourceArns?.includes(ruleArn) ?? true),
      ),
  };
}

function grantsOf({ Effect, Principal, Action, Resource, Condition }: Statement): readonly Grant[] {
  if (Effect !== 'Allow') return [];
  const sources = Condition === undefined ? {} : { sourceArns: sourcesOf(Condition) };
  return servicesOf(Principal).flatMap((service) =>
    asList(Resource).flatMap((resourceArn) =>
      asList(Action).map((action) => ({ service, action, resourceArn, ...sources })),
    ),
  );
}

const asList = (value: unknown): readonly string[] => [value].flat().map(String);
const servicesOf = (principal: unknown): readonly string[] =>
  typeof principal === 'object' && principal !== null && 'Service' in principal ? asList(principal.Service) : [];

function sourcesOf(condition: NonNullable<Statement['Condition']>): readonly string[] {
  const [[operator, test] = ['', {}], ...more] = Object.entries(condition);
  const { 'aws:SourceArn': sources, ...others } = test;
  if (!/^Arn(?:Equals|Like)$/.test(operator) || more.length > 0 || Object.keys(others).length > 0) {
    throw new Error(
      `policy: a condition other than ArnEquals on aws:SourceArn is not modelled: ${JSON.stringify(condition)}`,
    );
  }
  return asList(sources);
}
