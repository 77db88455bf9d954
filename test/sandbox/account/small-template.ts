/** The resource types of the packaged template in little: one rule and one schedule, one queue, two functions. */
export const smallTemplate = () => ({
  Resources: {
    Bucket: { Type: 'AWS::S3::Bucket' },
    Bells: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'bells',
        VisibilityTimeout: 60,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
      },
    },
    Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
    Policy: queuePolicy('Bells'),
    DeadPolicy: queuePolicy('Dead'),
    OnEvent: lambdaFunction('on-event'),
    Sweep: lambdaFunction('sweep'),
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Bells', 'Arn'] },
        FunctionName: { 'Fn::GetAtt': ['OnEvent', 'Arn'] },
        MaximumBatchingWindowInSeconds: 1,
        ScalingConfig: { MaximumConcurrency: 2 },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    },
    EmrRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['aws.emr'] },
        Targets: [
          {
            Id: 'bells',
            Arn: { 'Fn::GetAtt': ['Bells', 'Arn'] },
            DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['Dead', 'Arn'] } },
          },
        ],
      },
    },
    EveryMinute: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: 'rate(1 minute)',
        Targets: [{ Id: 'sweep', Arn: { 'Fn::GetAtt': ['Sweep', 'Arn'] } }],
      },
    },
    SweepPermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: { Ref: 'Sweep' },
        Principal: 'events.amazonaws.com',
        SourceArn: { 'Fn::GetAtt': ['EveryMinute', 'Arn'] },
      },
    },
    SweepRetries: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: { FunctionName: { Ref: 'Sweep' }, Qualifier: '$LATEST', MaximumRetryAttempts: 0 },
    },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [
          {
            PolicyName: 'poll',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
                  Resource: { 'Fn::GetAtt': ['Bells', 'Arn'] },
                },
              ],
            },
          },
        ],
      },
    },
  },
  Outputs: { Bells: { Value: { Ref: 'Bells' } } },
});

const lambdaFunction = (name: string) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: name,
    Code: { S3Bucket: 'deployment', S3Key: `serverless/${name}.zip` },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Environment: { Variables: { BUCKET: { Ref: 'Bucket' } } },
  },
});

/** Lets the rule in. */
const queuePolicy = (queue: string) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [{ Ref: queue }],
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
          Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['EmrRule', 'Arn'] } } },
        },
      ],
    },
  },
});
