import { readFileSync } from 'node:fs';
import { parse, type CollectionTag, type ScalarTag, type YAMLSeq } from 'yaml';
import { type Admit, admitAs } from '../../sandbox/account/admit.ts';
import type { Compute } from '../../sandbox/account/compute.ts';
import { createPermissions, type Permissions } from '../../sandbox/account/permissions.ts';
import { sessionOf } from '../../sandbox/account/principals.ts';
import type { S3 } from '../../sandbox/account/s3.ts';
import { resolve, type Scope } from '../../sandbox/account/template.ts';
import type { Container } from '../../shared/budget.ts';
import type { InstanceId } from '../../shared/core/model.ts';

interface Role {
  readonly AssumeRolePolicyDocument: unknown;
  readonly Policies: readonly { readonly PolicyName: string; readonly PolicyDocument: unknown }[];
}

const TAGS: readonly (ScalarTag | CollectionTag)[] = [
  { tag: '!Ref', resolve: (text) => ({ Ref: text }) },
  { tag: '!GetAtt', resolve: (text) => ({ 'Fn::GetAtt': text.split('.') }) },
  { tag: '!Sub', resolve: (text) => ({ 'Fn::Sub': text }) },
  { tag: '!If', collection: 'seq', resolve: (seq) => ({ 'Fn::If': (seq as YAMLSeq).toJSON() as unknown }) },
  { tag: '!Sub', collection: 'seq', resolve: (seq) => ({ 'Fn::Sub': (seq as YAMLSeq).toJSON() as unknown }) },
];

/** The properties of each resource in a file of infra/resources, with what osls puts in the place of its variables. */
export function resourcesOf<Properties>(file: 'roles' | 'policies', bucket: string, documentPrefix: string) {
  const text = readFileSync(`infra/resources/${file}.yml`, 'utf8')
    .replaceAll(`'\${self:custom.bucket}'`, bucket)
    .replaceAll('${self:custom.documentPrefix}', documentPrefix);
  const { Resources } = parse(text, { customTags: [...TAGS] }) as {
    readonly Resources: Readonly<Record<string, { readonly Properties: Properties }>>;
  };
  return Object.entries(Resources).map(([id, { Properties }]) => [id, Properties] as const);
}

interface Place {
  readonly accountId: string;
  readonly region: string;
  readonly bucket: string;
}

/** As serverless.yml names them in this stage. */
const STAGE = 'prometheus-on-emr-test';
export const DOCUMENT_PREFIX = `${STAGE}_`;
const ROLES: Readonly<Record<Container, string>> = {
  'on-event': 'OnEventRole',
  sweep: 'SweepRole',
  backfill: 'BackfillRole',
};

/** The functions' roles and the managed policies as they are deployed, for tests without a template. */
export function deployedRoles({ accountId, region, bucket }: Place): Permissions {
  const attributes: Readonly<Record<string, string>> = {
    Doorbells: `arn:aws:sqs:${region}:${accountId}:${STAGE}-doorbells`,
  };
  const scope: Scope = {
    parameters: { 'AWS::Partition': 'aws', 'AWS::Region': region, 'AWS::AccountId': accountId },
    conditions: { IsTracing: { 'Fn::Equals': ['tracing', 'off'] } },
    ref: () => undefined,
    attribute: (id) => attributes[id] ?? `arn:aws:logs:${region}:${accountId}:log-group:${id}:*`,
  };
  const permissions = createPermissions(accountId);
  for (const [id, { AssumeRolePolicyDocument, Policies }] of resourcesOf<Role>('roles', bucket, DOCUMENT_PREFIX)) {
    permissions.putRole(`arn:aws:iam::${accountId}:role/${id}`, {
      trust: AssumeRolePolicyDocument,
      inline: Object.fromEntries(
        (resolve(Policies, scope) as typeof Policies).map(({ PolicyName, PolicyDocument }) => [
          PolicyName,
          PolicyDocument,
        ]),
      ),
    });
  }
  const policies = resourcesOf<{ readonly PolicyDocument: unknown }>('policies', bucket, DOCUMENT_PREFIX);
  for (const [id, { PolicyDocument }] of policies)
    permissions.putManagedPolicy(`arn:aws:iam::${accountId}:policy/${id}`, resolve(PolicyDocument, scope));
  return permissions;
}

/** Worlds of one process share them: what one history was told, IAM need not think about in the next. */
const known = new Map<string, Permissions>();

function permissionsIn(place: Place): Permissions {
  const key = Object.values(place).join(' ');
  const permissions = known.get(key) ?? deployedRoles(place);
  known.set(key, permissions);
  return permissions;
}

/** A function's calls without wire, as its role may make them. */
export function admitFunction(kind: Container, { world, ec2 }: Compute, s3: S3, bucket: string): Admit {
  const { accountId, region } = world;
  const principal = sessionOf(`arn:aws:iam::${accountId}:role/${ROLES[kind]}`, kind);
  return admitAs(permissionsIn({ accountId, region, bucket }), principal, {
    accountId,
    region,
    tagsOf: (id) => ec2.instance(id as InstanceId)?.tags ?? {},
    hasObject: (name, key) => s3.find(name, key) !== undefined,
  });
}

/** As sqsDoorbells rings. */
export const admitRing = (admit: Admit): void =>
  admit.call('AmazonSQS', 'SendMessageBatch', { QueueUrl: `https://sqs.test/0/${STAGE}-doorbells` });
