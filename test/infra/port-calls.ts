import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../../shared/ports.ts';

type Port = 'clusters' | 'fleet' | 'commands' | 'doorbells' | 'records' | 'targets' | 'artifacts';

/** A read of a missing key is 404 only to who may list the bucket; a conditional write needs GetObject (S3). */
const READ = ['s3:GetObject', 's3:ListBucket'];

/** What each call of a port does at AWS, as IAM names it. */
const ACTIONS: { readonly [P in Port]: Readonly<Record<keyof App[P], readonly string[]>> } = {
  clusters: {
    list: ['elasticmapreduce:ListClusters'],
    describe: ['elasticmapreduce:DescribeCluster'],
    roles: ['elasticmapreduce:ListInstanceFleets', 'elasticmapreduce:ListInstanceGroups'],
    nodes: ['elasticmapreduce:ListInstances'],
  },
  fleet: {
    instances: ['ec2:DescribeInstances'],
    members: ['ec2:DescribeTags'],
    leavers: ['ec2:DescribeInstances'],
    tags: ['ec2:DescribeTags'],
  },
  commands: {
    online: ['ssm:DescribeInstanceInformation'],
    send: ['ssm:SendCommand', 'ssm:DescribeInstanceInformation'],
    find: ['ssm:ListCommands'],
    results: ['ssm:ListCommandInvocations'],
  },
  doorbells: { ring: ['sqs:SendMessage'] },
  records: {
    read: READ,
    save: ['s3:GetObject', 's3:PutObject'],
    delete: ['s3:GetObject', 's3:DeleteObject'],
    isEnded: READ,
    markEnded: [...READ, 's3:PutObject'],
    list: ['s3:ListBucket'],
  },
  targets: {
    read: READ,
    put: ['s3:GetObject', 's3:PutObject'],
    delete: ['s3:GetObject', 's3:DeleteObject'],
    list: ['s3:ListBucket'],
  },
  artifacts: { urls: READ },
};

const CALLS = Object.entries(ACTIONS).flatMap(([port, methods]) =>
  Object.entries(methods).map(([method, actions]) => ({
    actions,
    // `memory.records` is a Map.
    pattern: new RegExp(String.raw`(?<!\bmemory\.)\b${port}\.${method}\(`),
  })),
);

/** What a function may have to do at AWS: every port call in its own module and in those that it imports. */
export const calledBy = (entry: string): readonly string[] => {
  const code = modulesOf(entry, new Set())
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  return [...new Set(CALLS.flatMap(({ pattern, actions }) => (pattern.test(code) ? actions : [])))];
};

/** Without the adapters: what they do is what ACTIONS says. */
function modulesOf(file: string, seen: Set<string>): readonly string[] {
  if (seen.has(file) || file === 'shared/app.ts') return [];
  seen.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*? from '(\.{1,2}\/[^']+)'/gm);
  return [file, ...[...imports].flatMap(([, path = '']) => modulesOf(join(file, '..', path), seen))];
}
