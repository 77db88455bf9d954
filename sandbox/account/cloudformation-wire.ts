import * as answers from './cloudformation-answers.ts';
import type { Stack } from './cloudformation-model.ts';
import { parseTemplate, SOURCE_PARAMETERS, sourceOf, templateBody, templateOf } from './cloudformation-source.ts';
import { type CloudFormation, invalid } from './cloudformation.ts';
import { page } from './aws-json.ts';
import { type Form, queryHandler, type QueryOperation } from './query-wire.ts';
import type { Xml } from './query-xml.ts';
import type { S3 } from './s3.ts';
import type { Surroundings } from './surroundings.ts';
import { notImplemented, WireFault, type WireHandler } from './wire.ts';

/** Of CloudFormation's API: it tells its forms from other services'. */
export const CLOUDFORMATION_VERSION = '2010-05-15';

/** Events and resources in one answer: …/API_DescribeStackEvents, …/API_ListStackResources. */
const PAGE = 100;

const operation = (reads: readonly string[], run: QueryOperation['run']): QueryOperation => ({ reads, run });
const STACK = ['StackName'];
const CHANGE_SET = ['StackName', 'ChangeSetName'];

/** docs: AWSCloudFormation/latest/APIReference/API_Operations */
export function cloudFormationHandler(stacks: CloudFormation, s3: S3, world: Surroundings): WireHandler {
  const named = (form: Form, missing: (name: string) => string): Stack => {
    const name = form.required('StackName');
    const stack = stacks.find(name);
    if (stack === undefined) throw invalid(missing(name));
    return stack;
  };
  const stackOf = (form: Form): Stack => named(form, (name) => `Stack [${name}] does not exist`);
  const changeSetOf = (form: Form) => {
    const stack = stackOf(form);
    const wanted = form.required('ChangeSetName');
    const set = [...stack.changeSets.values()].find(({ id, name }) => id === wanted || name === wanted);
    return { stack, set, wanted };
  };
  const presentSet = (form: Form) => {
    const { stack, set, wanted } = changeSetOf(form);
    if (set === undefined) throw new WireFault('ChangeSetNotFound', `ChangeSet [${wanted}] does not exist`, 404);
    return { stack, set };
  };
  const source = (form: Form) => sourceOf(form, s3, stacks.find(form.required('StackName'))?.source);

  const operations: Readonly<Record<string, QueryOperation>> = {
    ValidateTemplate: operation(['TemplateBody', 'TemplateURL'], (form) => {
      const { Parameters = {}, Description } = parseTemplate(templateBody(form, s3));
      const declared = Object.entries(Parameters).map(([name, { Default, Description: text }]) => ({
        ParameterKey: name,
        DefaultValue: Default,
        Description: text,
        NoEcho: false,
      }));
      return { Description, Parameters: declared };
    }),
    CreateStack: operation(['StackName', 'OnFailure', ...SOURCE_PARAMETERS], (form) => {
      const onFailure = form.text('OnFailure') ?? 'ROLLBACK';
      if (onFailure !== 'ROLLBACK' && onFailure !== 'DELETE') throw notImplemented(`OnFailure ${onFailure}`);
      return { StackId: stacks.create(form.required('StackName'), source(form), onFailure).id };
    }),
    UpdateStack: operation(['StackName', ...SOURCE_PARAMETERS], (form) => {
      const { name } = stackOf(form);
      return { StackId: stacks.update(name, source(form)).id };
    }),
    DeleteStack: operation(STACK, (form) => {
      stacks.remove(form.required('StackName'));
      return undefined;
    }),
    CreateChangeSet: operation([...CHANGE_SET, 'ChangeSetType', ...SOURCE_PARAMETERS], (form) => {
      const type = form.text('ChangeSetType') ?? 'UPDATE';
      if (type !== 'CREATE' && type !== 'UPDATE') throw notImplemented(`ChangeSetType ${type}`);
      const request = { name: form.required('ChangeSetName'), type, source: source(form) } as const;
      const { stack, set } = stacks.createChangeSet(form.required('StackName'), request);
      return { Id: set.id, StackId: stack.id };
    }),
    DescribeChangeSet: operation(CHANGE_SET, (form) => {
      const { stack, set } = presentSet(form);
      return answers.changeSetAnswer(stack, set);
    }),
    ExecuteChangeSet: operation(CHANGE_SET, (form) => {
      const { stack, set } = presentSet(form);
      if (set.changes.length === 0) {
        throw new WireFault(
          'InvalidChangeSetStatus',
          `ChangeSet [${set.id}] cannot be executed in its current status of [FAILED]`,
        );
      }
      stacks.executeChangeSet(stack, set);
      return {};
    }),
    DeleteChangeSet: operation(CHANGE_SET, (form) => {
      const { stack, set } = changeSetOf(form);
      if (set !== undefined) stack.changeSets.delete(set.name);
      return {};
    }),
    DescribeStacks: operation(STACK, (form) => {
      if (form.text('StackName') === undefined) return { Stacks: stacks.all().map(answers.stackAnswer) };
      return { Stacks: [answers.stackAnswer(named(form, (name) => `Stack with id ${name} does not exist`))] };
    }),
    DescribeStackEvents: operation(['StackName', 'NextToken'], (form) => {
      const stack = stackOf(form);
      const { items, next } = pageOf(stack.events.toReversed(), form);
      return { StackEvents: items.map((event) => answers.eventAnswer(stack, event)), NextToken: next };
    }),
    DescribeStackResource: operation(['StackName', 'LogicalResourceId'], (form) => {
      const stack = named(form, (name) => `Stack '${name}' does not exist`);
      const wanted = form.required('LogicalResourceId');
      const resource = stack.resources.get(wanted);
      if (resource === undefined) throw invalid(`Resource ${wanted} does not exist for stack ${stack.name}`);
      return { StackResourceDetail: answers.resourceAnswer(stack, resource) };
    }),
    ListStackResources: operation(['StackName', 'NextToken'], (form) => {
      const { items, next } = pageOf([...stackOf(form).resources.values()], form);
      return { StackResourceSummaries: items.map(answers.summary), NextToken: next };
    }),
    GetTemplate: operation(['StackName', 'TemplateStage'], (form) => ({
      TemplateBody: templateOf(stackOf(form)).body,
    })),
  };
  const namespace = `http://cloudformation.amazonaws.com/doc/${CLOUDFORMATION_VERSION}/`;
  return queryHandler({ name: 'cloudformation', namespace, operations }, world);
}

const pageOf = <T>(items: readonly T[], form: Form): { readonly items: readonly T[]; readonly next: Xml } =>
  page(items, form.text('NextToken'), PAGE, () => invalid('NextToken is not valid'));
