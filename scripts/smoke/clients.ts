import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EMRClient } from '@aws-sdk/client-emr';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';

export type Clients = ReturnType<typeof createClients>;

/** Every service that a check asks. */
export const createClients = (region: string) => ({
  cloudFormation: new CloudFormationClient({ region }),
  cloudWatch: new CloudWatchClient({ region }),
  ec2: new EC2Client({ region }),
  emr: new EMRClient({ region }),
  events: new EventBridgeClient({ region }),
  iam: new IAMClient({ region }),
  lambda: new LambdaClient({ region }),
  logs: new CloudWatchLogsClient({ region }),
  s3: new S3Client({ region }),
  sqs: new SQSClient({ region }),
  ssm: new SSMClient({ region }),
  sts: new STSClient({ region }),
});
