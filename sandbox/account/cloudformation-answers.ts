import type { ChangeSet, Stack, StackEvent, StackResource, Values } from './cloudformation-model.ts';
import type { Xml } from './query-xml.ts';

const pairs = (values: Values, key: string, value: string): Xml =>
  Object.entries(values).map(([name, text]) => ({ [key]: name, [value]: text }));
const parameters = (values: Values): Xml => pairs(values, 'ParameterKey', 'ParameterValue');
const tags = (values: Values): Xml => pairs(values, 'Key', 'Value');

/** docs: AWSCloudFormation/latest/APIReference/API_Stack */
export const stackAnswer = ({ source, ...stack }: Stack): Xml => ({
  StackId: stack.id,
  StackName: stack.name,
  Description: source?.template.Description,
  CreationTime: stack.createdAt,
  LastUpdatedTime: stack.updatedAt,
  DisableRollback: false,
  EnableTerminationProtection: false,
  StackStatus: stack.status,
  StackStatusReason: stack.reason,
  Parameters: parameters(source?.parameters ?? {}),
  Tags: tags(source?.tags ?? {}),
  Outputs: stack.outputs.map(({ key, value, description }) => ({
    OutputKey: key,
    OutputValue: value,
    Description: description,
  })),
});

/** docs: …/API_StackEvent */
export const eventAnswer = ({ id, name }: Stack, event: StackEvent): Xml => ({
  StackId: id,
  StackName: name,
  EventId: event.id,
  LogicalResourceId: event.logicalId,
  PhysicalResourceId: event.physicalId,
  ResourceType: event.type,
  ResourceStatus: event.status,
  ResourceStatusReason: event.reason,
  Timestamp: event.at,
});

/** docs: …/API_StackResourceDetail and API_StackResourceSummary, which say the time by different names. */
export const resourceAnswer = (stack: Stack, resource: StackResource): Xml => ({
  StackName: stack.name,
  StackId: stack.id,
  ...summary(resource),
});
export const summary = ({ logicalId, physicalId, type, status, at }: StackResource) => ({
  LogicalResourceId: logicalId,
  PhysicalResourceId: physicalId,
  ResourceType: type,
  ResourceStatus: status,
  LastUpdatedTimestamp: at,
});

/** docs: …/API_DescribeChangeSet: one without changes has failed. */
export const changeSetAnswer = (stack: Stack, { id, name, source, createdAt, changes }: ChangeSet): Xml => ({
  ChangeSetName: name,
  ChangeSetId: id,
  StackId: stack.id,
  StackName: stack.name,
  CreationTime: createdAt,
  Parameters: parameters(source.parameters),
  Tags: tags(source.tags),
  ...(changes.length > 0
    ? { Status: 'CREATE_COMPLETE', ExecutionStatus: 'AVAILABLE' }
    : {
        Status: 'FAILED',
        ExecutionStatus: 'UNAVAILABLE',
        StatusReason:
          "The submitted information didn't contain changes. Submit different information to create a change set.",
      }),
  Changes: changes.map(({ action, logicalId, type, isReplacement }) => ({
    Type: 'Resource',
    ResourceChange: {
      Action: action,
      LogicalResourceId: logicalId,
      ResourceType: type,
      ...(action === 'Modify' && { Replacement: isReplacement ? 'True' : 'False' }),
    },
  })),
});
