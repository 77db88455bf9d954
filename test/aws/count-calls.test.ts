import { EC2Client } from '@aws-sdk/client-ec2';
import { EMRClient } from '@aws-sdk/client-emr';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { counted } from '../../shared/aws/count-calls.ts';
import { ec2Fleet } from '../../shared/aws/ec2-fleet.ts';
import { emrClusters } from '../../shared/aws/emr-clusters.ts';
import { s3Artifacts } from '../../shared/aws/s3-artifacts.ts';
import { s3Records } from '../../shared/aws/s3-records.ts';
import { ssmCommands } from '../../shared/aws/ssm-commands.ts';
import { ConfigError, UnavailableError } from '../../shared/core/errors.ts';
import { settings } from '../core/sample-record.ts';
import { type Answer, type Asked, awsStub, inTurn, json, jsonError, lost, s3Error, xml } from './aws-stub.ts';

async function counting(answer: (asked: Asked) => Answer) {
  const { client } = await awsStub(answer);
  const lines: string[] = [];
  const meter = {
    count: (metric: string, value: number, { operation, outcome }: Readonly<Record<string, string>> = {}) =>
      void lines.push(`${metric} ${value} ${operation} ${outcome}`),
    gauge: () => undefined,
  };
  return { client: { ...client, forcePathStyle: true }, meter, lines };
}

const spent = (): void => undefined;

test('every request counts by its operation and outcome, each page and each repetition', async () => {
  const { client, meter, lines } = await counting(
    inTurn(
      json({ Instances: [], Marker: 'm' }),
      jsonError('ThrottlingException', 'Rate exceeded'),
      jsonError('InternalServerException', 'oops', 500),
      json({ Instances: [] }),
    ),
  );
  await emrClusters(counted(new EMRClient(client), meter), spent).nodes('j-1');
  expect(lines).toEqual([
    'AwsCalls 1 emr:ListInstances ok',
    'AwsCalls 1 emr:ListInstances throttled',
    'AwsCalls 1 emr:ListInstances failed',
    'AwsCalls 1 emr:ListInstances ok',
  ]);
});

test('an answer that is lost is a failed call, and so is one that cannot be read', async () => {
  const { client, meter, lines } = await counting(inTurn(lost, { ...json({}), body: '{"Instances":' }));
  await expect(emrClusters(counted(new EMRClient(client), meter), spent).nodes('j-1')).rejects.toThrow(
    UnavailableError,
  );
  expect(new Set(lines)).toEqual(new Set(['AwsCalls 1 emr:ListInstances failed']));
});

test('a SendCommand that is not repeated counts as what it was', async () => {
  const { client, meter, lines } = await counting(() => jsonError('InvalidDocument', 'Document does not exist.'));
  const order = { id: 'order-1', clusterId: 'j-1', exporter: 'node', action: 'install', parameters: {} } as const;
  const commands = ssmCommands(counted(new SSMClient(client), meter));
  await expect(commands.send({ ...order, document: 'ours', nodes: ['i-1'] })).rejects.toThrow(ConfigError);
  expect(lines).toEqual(['AwsCalls 1 ssm:SendCommand refused']);
});

test('EC2 and S3 are counted alike; a key that is not there is refused, and a signed URL is no call', async () => {
  const { client, meter, lines } = await counting(({ operation }) =>
    operation === 'DescribeTags'
      ? xml('<DescribeTagsResponse><requestId>r</requestId><tagSet/></DescribeTagsResponse>')
      : s3Error('NoSuchKey', 404),
  );
  await ec2Fleet(counted(new EC2Client(client), meter)).members();
  const s3 = counted(new S3Client(client), meter);
  expect(await s3Records(s3, 'bucket').read('j-1')).toBeUndefined();
  expect(await s3Artifacts(s3, 'bucket', settings.exporters).urls('node')).toBeUndefined();
  expect(new Set(lines)).toEqual(
    new Set(['AwsCalls 1 ec2:DescribeTags ok', 'AwsCalls 1 s3:GetObject refused', 'AwsCalls 1 s3:HeadObject refused']),
  );
});

test('a signed URL is no call', async () => {
  const { client, meter, lines } = await counting(() => ({ status: 200, headers: {}, body: '' }));
  const artifacts = s3Artifacts(counted(new S3Client(client), meter), 'bucket', settings.exporters);
  expect(await artifacts.urls('node')).toBeDefined();
  expect(new Set(lines)).toEqual(new Set(['AwsCalls 1 s3:HeadObject ok']));
});
