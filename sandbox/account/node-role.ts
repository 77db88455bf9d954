import type { CredentialStore } from './credentials.ts';
import type { Ec2 } from './ec2.ts';
import { NODE_ROLE, nodeCredentials } from './node-credentials.ts';
import type { Permissions } from './permissions.ts';
import { sessionOf } from './principals.ts';

const CORE = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';

/** docs: aws-managed-policy/latest/reference/AmazonSSMManagedInstanceCore */
export const CORE_POLICY = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: [
        'ssm:DescribeAssociation',
        'ssm:GetDeployablePatchSnapshotForInstance',
        'ssm:GetDocument',
        'ssm:DescribeDocument',
        'ssm:GetManifest',
        'ssm:GetParameter',
        'ssm:GetParameters',
        'ssm:ListAssociations',
        'ssm:ListInstanceAssociations',
        'ssm:PutInventory',
        'ssm:PutComplianceItems',
        'ssm:PutConfigurePackageResult',
        'ssm:UpdateAssociationStatus',
        'ssm:UpdateInstanceAssociationStatus',
        'ssm:UpdateInstanceInformation',
      ],
      Resource: '*',
    },
    {
      Effect: 'Allow',
      Action: [
        'ssmmessages:CreateControlChannel',
        'ssmmessages:CreateDataChannel',
        'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
      ],
      Resource: '*',
    },
    {
      Effect: 'Allow',
      Action: [
        'ec2messages:AcknowledgeMessage',
        'ec2messages:DeleteMessage',
        'ec2messages:FailMessage',
        'ec2messages:GetEndpoint',
        'ec2messages:GetMessages',
        'ec2messages:SendReply',
      ],
      Resource: '*',
    },
  ],
};

export const EC2_MAY_ASSUME = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

export const nodeRoleArn = (accountId: string): string => `arn:aws:iam::${accountId}:role/${NODE_ROLE}`;

/** The instance profile's role may do what these managed policies say, and nothing else. */
export const putNodeRole = (permissions: Permissions, accountId: string, managed: readonly string[] = [CORE]): void =>
  void permissions.putRole(nodeRoleArn(accountId), { trust: EC2_MAY_ASSUME, managed });

/** Every instance has the instance profile's credentials; by default it may do what AWS's own policy for SSM says. */
export function nodePrincipals(permissions: Permissions, credentials: CredentialStore, ec2: Ec2, accountId: string) {
  permissions.putManagedPolicy(CORE, CORE_POLICY);
  putNodeRole(permissions, accountId);
  const NEVER = new Date(8.64e15); // the metadata service hands out new ones in time
  ec2.watch(({ id, state }) => {
    if (state !== 'pending') return;
    const principal = sessionOf(nodeRoleArn(accountId), id);
    credentials.enter({ ...nodeCredentials(id), expiresAt: NEVER, principal });
  });
}
