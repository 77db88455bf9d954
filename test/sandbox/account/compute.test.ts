import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeClusterCommand, EMRClient, ListInstancesCommand } from '@aws-sdk/client-emr';
import { ListCommandInvocationsCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { fastAccount, launch, shellDocument, waitUntil } from './compute-fixture.ts';

test('a cluster launches, a command runs on its node through the agent wire, and its event is published', async () => {
  await using account = await fastAccount();
  const { client, events, agent } = account;
  const id = launch(account);
  const emr = client(EMRClient);
  const instances = await waitUntil(async () => {
    const { Instances = [] } = await emr.send(new ListInstancesCommand({ ClusterId: id, InstanceStates: ['RUNNING'] }));
    return Instances.length === 2 ? Instances : undefined;
  });
  const node = instances[0]?.Ec2InstanceId ?? '';
  const ec2 = client(EC2Client);
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [node] }));
  expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({ InstanceId: node, Architecture: 'x86_64' });
  const { Cluster } = await emr.send(new DescribeClusterCommand({ ClusterId: id }));
  expect(Cluster).toMatchObject({ Id: id, InstanceCollectionType: 'INSTANCE_GROUP' });

  await agent('AmazonSSM.UpdateInstanceInformation', { AgentName: 'a', AgentVersion: '3.3.0.0', InstanceId: node });
  account.compute.putDocument('Install-node', shellDocument);
  const ssm = client(SSMClient);
  const { Command } = await ssm.send(
    new SendCommandCommand({
      DocumentName: 'Install-node',
      InstanceIds: [node],
      Parameters: { Url: ['https://x'] },
      Comment: 'order-1',
    }),
  );
  const { Messages } = await agent('EC2WindowsMessageDeliveryService.GetMessages', {
    Destination: node,
    MessagesRequestId: 'r1',
    VisibilityTimeoutInSeconds: 10,
  });
  const [message] = Messages as [{ MessageId: string; Payload: string }];
  expect(JSON.parse(message.Payload)).toMatchObject({
    Parameters: { Url: 'https://x' },
    DocumentContent: shellDocument,
  });
  const step = { status: 'Success', code: 0, name: 'aws:runShellScript', output: 'done' };
  await agent('EC2WindowsMessageDeliveryService.SendReply', {
    MessageId: message.MessageId,
    ReplyId: 'r',
    Payload: JSON.stringify({ documentStatus: 'Success', documentTraceOutput: '', runtimeStatus: { run: step } }),
  });
  const { CommandInvocations } = await ssm.send(
    new ListCommandInvocationsCommand({ CommandId: Command?.CommandId, Details: true }),
  );
  expect(CommandInvocations).toMatchObject([
    { InstanceId: node, Status: 'Success', Comment: 'order-1', CommandPlugins: [{ ResponseCode: 0, Output: 'done' }] },
  ]);
  const last = events.filter(({ source }) => source === 'aws.ssm').map((event) => event['detail-type']);
  expect(last).toContain('EC2 Command Invocation Status-change Notification');
});

describe('an armed fault', () => {
  test('of kind error is the answer, and the next call goes well', async () => {
    await using account = await fastAccount();
    const id = launch(account);
    account.faults.arm({ kind: 'error', status: 503, code: 'ServiceUnavailable' }, { operation: 'DescribeCluster' });
    const describeCluster = () => account.client(EMRClient).send(new DescribeClusterCommand({ ClusterId: id }));
    await expect(describeCluster()).rejects.toMatchObject({
      name: 'ServiceUnavailable',
      $metadata: { httpStatusCode: 503 },
    });
    await expect(describeCluster()).resolves.toMatchObject({ Cluster: { Id: id } });
  });

  test('of kind half breaks the connection within the answer', async () => {
    await using account = await fastAccount();
    launch(account);
    account.faults.arm({ kind: 'half' }, { operation: 'DescribeInstances' });
    const describeInstances = account.client(EC2Client).send(new DescribeInstancesCommand({}));
    await expect(describeInstances).rejects.toMatchObject({
      name: 'Error',
      message: expect.stringMatching(/aborted|terminated/),
    });
  });

  test('of kind slow answers later', async () => {
    await using account = await fastAccount();
    account.faults.arm({ kind: 'slow', ms: 60 }, { operation: 'DescribeInstances' });
    const begun = performance.now();
    await account.client(EC2Client).send(new DescribeInstancesCommand({}));
    expect(performance.now() - begun).toBeGreaterThanOrEqual(59);
  });
});
