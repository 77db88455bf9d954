import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { artifactKey, lockedExporter, readExportersLock } from '../../../scripts/exporters/exporters-lock.ts';
import { settingsAndDocuments } from '../../../scripts/package/package-stack.ts';
import { ANYBODY, reportOf, SIDECAR_HOST, type SmokeWorld, STACK } from './smoke-world.ts';

const ACCOUNT = '123456789012';
const arn = (service: string, rest: string): string => `arn:aws:${service}:us-east-1:${ACCOUNT}:${rest}`;
const allow = (Effect: 'Allow' | 'Deny', ...Action: readonly string[]) => ({
  Version: '2012-10-17',
  Statement: [{ Effect, Action, Resource: '*' }],
});

const node = lockedExporter(await readExportersLock(), 'node');
const files = Object.values(node.artifacts);
const otherNode = { ...node, artifacts: { amd64: { ...files[0], sha256: '0'.repeat(64) } } };
const [document] = (await settingsAndDocuments(undefined)).documents;
const nodeKey = files.map((artifact) => artifactKey('node', node, artifact))[0] ?? '';

export type Undo = () => unknown;

/** CloudFormation compares template with template: a deploy of the same one mends nothing. */
const REPAIR =
  /create-change-set --stack-name prometheus-on-emr-dev .*--use-previous-template --deployment-mode REVERT_DRIFT/;

/** What goes wrong, what the line says of it, and what it says to do. */
export const FAULTS: readonly (readonly [
  id: string,
  fault: string,
  inject: (world: SmokeWorld) => Undo | Promise<Undo>,
  said: RegExp,
  fix: RegExp,
])[] = [
  [
    'stack',
    'an update was rolled back',
    ({ account }) => {
      const stack = account.stacks.find(STACK);
      if (stack === undefined) throw new Error('no stack');
      stack.status = 'UPDATE_ROLLBACK_COMPLETE';
      return () => (stack.status = 'CREATE_COMPLETE');
    },
    /prometheus-on-emr-dev is UPDATE_ROLLBACK_COMPLETE/,
    /describe-stack-events .*; then npm run deploy/,
  ],
  [
    'functions',
    'a function works in another bucket',
    (it) => changeEnvironment(it, { BUCKET: 'another' }),
    /on-event works in the bucket another, the stack says prometheus-on-emr-dev-bucket-/,
    REPAIR,
  ],
  [
    'functions',
    'a removal was begun',
    (it) => changeEnvironment(it, { RETIRE: 'true' }),
    /on-event takes everything off and installs nothing: npm run remove was begun/,
    /npm run deploy -- --stage dev --region us-east-1 takes it back/,
  ],
  [
    'dead-letters',
    'a doorbell failed five times',
    ({ account }) => {
      const queue = arn('sqs', 'prometheus-on-emr-dev-doorbell-dead-letters');
      account.sqs.send(queue, 'x');
      return () => account.sqs.receive(queue, 1).map(({ receiptHandle }) => account.sqs.remove(queue, receiptHandle));
    },
    /DoorbellDeadLetters has 1 message/,
    /npm run redrive -- --stage dev/,
  ],
  [
    'checkout',
    'the functions order another version',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'smoke-'));
      await writeFile(join(folder, 'lock'), JSON.stringify({ node: otherNode }));
      vi.stubEnv('EXPORTERS_LOCK', join(folder, 'lock'));
      return async () => {
        vi.stubEnv('EXPORTERS_LOCK', '');
        await rm(folder, { recursive: true });
      };
    },
    /on-event: DOCUMENT_NODE_INSTALL is prometheus-on-emr-dev_node-install-\w+, this checkout makes …_node-install-/,
    /npm run deploy -- --stage dev --region us-east-1, or check out what is deployed/,
  ],
  [
    'documents',
    'a document was deleted',
    ({ account, idOf }) => {
      account.compute.deleteDocument(idOf('DocumentNodeInstall'));
      return () => account.compute.putDocument(idOf('DocumentNodeInstall'), document?.content);
    },
    /prometheus-on-emr-dev_node-install-\w+ does not exist/,
    REPAIR,
  ],
  [
    'documents',
    'a document was changed',
    ({ account, idOf }) => {
      account.compute.putDocument(idOf('DocumentNodeInstall'), { ...document?.content, description: 'mine' });
      return () => account.compute.putDocument(idOf('DocumentNodeInstall'), document?.content);
    },
    /another content than this checkout makes under that name/,
    REPAIR,
  ],
  [
    'artifacts',
    'a file is missing',
    (it) => changeArtifact(it, undefined),
    /node_exporter-\S+ is missing: nodes wait/,
    /exporters -- publish/,
  ],
  [
    'artifacts',
    'a file is cut',
    (it) => changeArtifact(it, Buffer.alloc(5)),
    /has 5 bytes, the lock says \d+/,
    /exporters -- publish/,
  ],
  [
    'artifacts',
    'a file is another one',
    (it) => changeArtifact(it, Buffer.alloc(node.artifacts['amd64']?.size ?? 1, 'x')),
    /has the SHA-256 [0-9a-f]{64}, the lock says [0-9a-f]{64}/,
    /exporters -- publish/,
  ],
  [
    'rules',
    'a rule is disabled',
    (it) => disableRule(it, 'EmrRule'),
    /EmrRule\S* is disabled/i,
    /aws events enable-rule --name \S+ --region us-east-1/,
  ],
  [
    'rules',
    'a rule leads elsewhere',
    ({ account, idOf }) => {
      const rule = account.events.rules().find((one) => one.arn.endsWith(`/${idOf('SsmRule')}`));
      if (rule === undefined) throw new Error('no rule');
      account.events.putRule({ ...rule, targets: [{ id: 'x', arn: arn('sqs', 'another') }] });
      return () => account.events.putRule(rule);
    },
    /SsmRule\S* leads elsewhere/i,
    REPAIR,
  ],
  [
    'schedule',
    'the schedule is disabled',
    (it) => disableRule(it, 'Prometheusonemrdevsweeprule1EventBridgeRule'),
    /is disabled/,
    /aws events enable-rule/,
  ],
  [
    'consumer',
    'the mapping is disabled',
    ({ account }) => {
      const uuid = account.eventSources.all()[0]?.uuid ?? '';
      account.eventSources.setEnabled(uuid, false);
      return () => account.eventSources.setEnabled(uuid, true);
    },
    /the event source mapping is Disabled/,
    /aws lambda update-event-source-mapping --uuid \S+ --enabled/,
  ],
  [
    'bucket-encrypted',
    'it has no encryption',
    ({ account }) => {
      const code = 'ServerSideEncryptionConfigurationNotFoundError';
      account.faults.arm({ kind: 'error', status: 404, code }, { operation: 'GetBucketEncryption' });
      return () => account.faults.clear();
    },
    /has no encryption by default/,
    /put-bucket-encryption/,
  ],
  [
    'roles',
    'a policy of the organisation denies',
    ({ account, idOf }) =>
      account.permissions.putInlinePolicy(roleArn(idOf('SweepRole')), 'scp', allow('Deny', 's3:PutObject')),
    /SweepRole may not s3:PutObject on arn:aws:s3:::\S+\/clusters\/j-\w+\.json \(explicitDeny\)/,
    /ask who owns it/,
  ],
  [
    'send-command',
    'somebody widened a role',
    ({ account, idOf }) =>
      account.permissions.putInlinePolicy(roleArn(idOf('OnEventRole')), 'wide', allow('Allow', 'ssm:*')),
    /OnEventRole may send to arn:aws:ec2:us-east-1:123456789012:instance\/i-0+/,
    REPAIR,
  ],
  [
    'sidecar-policy',
    'nobody has it',
    ({ account, idOf }) => {
      account.permissions.putRole(SIDECAR_HOST, { trust: ANYBODY });
      return () => account.permissions.putRole(SIDECAR_HOST, { trust: ANYBODY, managed: [idOf('SidecarPolicy')] });
    },
    /SidecarPolicy\S* is attached to nobody/i,
    /aws iam attach-role-policy --role-name <the Prometheus host's role> --policy-arn arn:aws:iam::/,
  ],
  [
    'unknown-cluster',
    'EMR calls it otherwise',
    ({ account }) => {
      account.faults.arm({ kind: 'error', status: 400, code: 'ValidationException' }, { operation: 'DescribeCluster' });
      return () => account.faults.clear();
    },
    /DescribeCluster: ValidationException/,
    /mend what it says/,
  ],
  [
    'unknown-command',
    'SSM calls it otherwise',
    ({ account }) => {
      account.faults.arm(
        { kind: 'error', status: 400, code: 'ValidationException' },
        { operation: 'ListCommandInvocations' },
      );
      return () => account.faults.clear();
    },
    /ListCommandInvocations: ValidationException/,
    /mend what it says/,
  ],
  [
    'system-tags',
    'a node lacks it',
    (it) => retag(it, () => ({ Project: 'Etl' })),
    /DescribeTags does not show it on i-\w+/,
    /report it/,
  ],
  [
    'cluster-tags',
    'a node has another',
    (it) => retag(it, (tags) => ({ ...tags, Project: 'Web' })),
    /other tags than the cluster on i-\w+/,
    /some minutes after add-tags/,
  ],
  [
    'dry-run',
    'the function is not allowed something',
    ({ answer }) =>
      answer(({ clusterIds }) => ({
        ...reportOf({ clusterIds }),
        clusters: clusterIds.map((clusterId) => ({ clusterId, error: 's3:GetObject: AccessDenied' })),
      })),
    /s3:GetObject: AccessDenied/,
    /aws logs tail \/aws\/lambda\/prometheus-on-emr-dev-backfill/,
  ],
  [
    'dry-run',
    'the function fails',
    ({ answer }) => answer(() => Promise.reject(new Error('out of order'))),
    /prometheus-on-emr-dev-backfill failed: Error: out of order/,
    /./,
  ],
  [
    'install-rung',
    'nothing was queued',
    ({ answer }) => answer(({ clusterIds }) => ({ ...reportOf({ clusterIds }), rung: [], problem: 'EMR has no room' })),
    /EMR has no room/,
    /aws logs tail/,
  ],
];

const roleArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;

function changeEnvironment({ account, idOf }: SmokeWorld, changes: Readonly<Record<string, string>>): Undo {
  const before = account.lambda.find(arn('lambda', `function:${idOf('OnDasheventLambdaFunction')}`));
  const { configuration } = before;
  if (configuration === undefined) throw new Error('no configuration');
  const Environment = { Variables: { ...configuration.Environment?.Variables, ...changes } };
  account.lambda.createFunction({ ...before, configuration: { ...configuration, Environment } });
  return () => account.lambda.createFunction(before);
}

function changeArtifact({ account: { s3 }, bucket }: SmokeWorld, body: Uint8Array | undefined): Undo {
  const before = s3.get(bucket, nodeKey);
  if (body === undefined) s3.remove(bucket, nodeKey);
  else s3.put(bucket, nodeKey, { body });
  return () => s3.put(bucket, nodeKey, { body: before.body, headers: before.headers });
}

function disableRule({ account, idOf }: SmokeWorld, logicalId: string): Undo {
  const rule = arn('events', `rule/${idOf(logicalId)}`);
  account.events.setEnabled(rule, false);
  return () => account.events.setEnabled(rule, true);
}

function retag({ account: { compute }, nodesOf, clusterId }: SmokeWorld, change: (tags: Tags) => Tags): Undo {
  const [id] = nodesOf(clusterId);
  if (id === undefined) throw new Error('no node');
  const tags = compute.ec2.instance(id)?.tags ?? {};
  compute.ec2.tag(id, change(tags));
  return () => compute.ec2.tag(id, tags);
}
type Tags = Readonly<Record<string, string>>;
