import type { Source, Stack } from './cloudformation-model.ts';
import { invalid } from './cloudformation.ts';
import type { Form } from './query-wire.ts';
import type { S3 } from './s3.ts';
import { parameterValues } from './template-parameters.ts';
import { readTemplate, type Template } from './template.ts';
import { readSource } from './template-yaml.ts';
import { notImplemented, WireFault } from './wire.ts';

/** What `sourceOf` reads. */
export const SOURCE_PARAMETERS = [
  'TemplateBody',
  'TemplateURL',
  'UsePreviousTemplate',
  'Parameters',
  'Capabilities',
  'Tags',
  'NotificationARNs',
];

/** Bytes in a request, and in S3: docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const MAX_BODY = 51_200;
const MAX_OBJECT = 1_048_576;

/** Template, parameters and tags of a request that makes or changes a stack. */
export function sourceOf(form: Form, s3: S3, former: Source | undefined): Source {
  const body = form.flag('UsePreviousTemplate') ? previous(former) : templateBody(form, s3);
  const template = parseTemplate(body);
  checkCapabilities(template, form.list('Capabilities'));
  if (form.list('NotificationARNs').length > 0) throw notImplemented('NotificationARNs of a stack');
  const given = form.items('Parameters').map(({ ParameterKey = '', ParameterValue = '', UsePreviousValue }) => {
    if (UsePreviousValue !== 'true') return [ParameterKey, ParameterValue] as const;
    const value = former?.parameters[ParameterKey];
    if (value === undefined)
      throw invalid(
        `Invalid input for parameter key ${ParameterKey}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
      );
    return [ParameterKey, value] as const;
  });
  // One that is not named takes the template's default, whatever the stack had.
  const parameters = parameterValues(template, Object.fromEntries(given));
  const tags = Object.fromEntries(form.items('Tags').map(({ Key = '', Value = '' }) => [Key, Value]));
  return { body, template, parameters, tags };
}

const previous = (former: Source | undefined): string => {
  if (former === undefined) throw invalid('UsePreviousTemplate can be specified for stacks that exist only.');
  return former.body;
};

/** TemplateBody, or the object that TemplateURL names. */
export function templateBody(form: Form, s3: S3): string {
  const body = form.text('TemplateBody');
  const url = form.text('TemplateURL');
  if ((body === undefined) === (url === undefined))
    throw invalid('Either Template URL or Template Body must be specified.');
  const text = body ?? readObject(url ?? '', s3);
  const limit = body === undefined ? MAX_OBJECT : MAX_BODY;
  if (Buffer.byteLength(text) <= limit) return text;
  throw invalid(
    `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${limit}`,
  );
}

/** `https://s3….amazonaws.com/<bucket>/<key>` or `https://<bucket>.s3….amazonaws.com/<key>`. */
function readObject(url: string, s3: S3): string {
  const { hostname, pathname } = new URL(url);
  const path = decodeURIComponent(pathname.slice(1));
  const virtual = /^(.+)\.s3[.-]/.exec(hostname)?.[1];
  if (!/(?:^|\.)s3[.-]/.test(hostname)) throw invalid('TemplateURL must be a supported URL.');
  const [bucket = '', ...key] = virtual === undefined ? path.split('/') : [virtual, path];
  if (!s3.hasBucket(bucket)) throw invalid('S3 error: The specified bucket does not exist');
  const object = s3.find(bucket, key.join('/'));
  if (object === undefined) throw invalid('S3 error: The specified key does not exist.');
  return Buffer.from(object.body).toString();
}

export function parseTemplate(body: string): Template {
  let source: unknown;
  try {
    source = readSource(body);
  } catch (error) {
    throw invalid(`Template format error: ${String(error)}`);
  }
  try {
    return readTemplate(source);
  } catch (error) {
    throw invalid(`Template format error: ${String(error)}`);
  }
}

/** docs: AWSCloudFormation/latest/UserGuide/control-access-with-iam (Acknowledging IAM resources) */
function checkCapabilities({ Resources }: Template, given: readonly string[]): void {
  const named = Object.values(Resources).filter(({ Type }) => Type.startsWith('AWS::IAM::'));
  const isNamed = named.some(({ Properties = {} }) =>
    Object.keys(Properties).some((key) => /^(?:Role|ManagedPolicy)Name$/.test(key)),
  );
  const wanted = isNamed ? ['CAPABILITY_NAMED_IAM'] : ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'];
  if (named.length === 0 || wanted.some((capability) => given.includes(capability))) return;
  throw new WireFault('InsufficientCapabilitiesException', `Requires capabilities : [${wanted[0]}]`);
}

/** What is told of a stack that has none yet. */
export const templateOf = (stack: Stack): Source => {
  if (stack.source === undefined) throw invalid(`Stack ${stack.name} has no template`);
  return stack.source;
};
