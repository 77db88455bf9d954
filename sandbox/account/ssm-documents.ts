import * as z from 'zod/mini';
import { WireFault } from './wire.ts';

/** docs: systems-manager/latest/userguide/documents-syntax-data-elements-parameters: command documents have these two types. */
const parameter = z.looseObject({
  type: z.enum(['String', 'StringList']),
  default: z.optional(z.union([z.string(), z.array(z.string())])),
  allowedPattern: z.optional(z.string()),
  allowedValues: z.optional(z.array(z.string())),
  minChars: z.optional(z.number()),
  maxChars: z.optional(z.number()),
  minItems: z.optional(z.number()),
  maxItems: z.optional(z.number()),
});
const content = z.looseObject({
  schemaVersion: z.literal('2.2'),
  parameters: z.optional(z.record(z.string(), parameter)),
  mainSteps: z
    .array(
      z.looseObject({
        action: z.string(),
        name: z.string(),
        inputs: z.looseObject({ timeoutSeconds: z.optional(z.string().check(z.regex(/^\d+$/))) }),
      }),
    )
    .check(z.minLength(1)),
});

export type DocumentContent = z.output<typeof content>;
type Parameter = z.output<typeof parameter>;
type Given = Readonly<Record<string, readonly string[]>>;

/** docs: general/latest/gr/ssm: 64 KB each. */
const MAX_DOCUMENT_BYTES = 65_536;

/** What CreateDocument would accept, or throws what it would answer. */
export function readDocument(source: unknown): DocumentContent {
  if (Buffer.byteLength(JSON.stringify(source)) > MAX_DOCUMENT_BYTES) {
    throw new WireFault('MaxDocumentSizeExceeded', 'The size limit of a document is 64 KB.');
  }
  const read = z.safeParse(content, source);
  if (!read.success) throw new WireFault('InvalidDocumentContent', z.prettifyError(read.error));
  return read.data;
}

/** docs: systems-manager/latest/APIReference/API_SendCommand, error InvalidParameters. */
export function checkParameters(document: DocumentContent, given: Given): void {
  const declared = document.parameters ?? {};
  const unknown = Object.keys(given).filter((name) => declared[name] === undefined);
  if (unknown.length > 0) throw invalid(`the document has no parameter ${unknown.join(', ')}`);
  for (const [name, rule] of Object.entries(declared)) {
    const values = given[name];
    if (values === undefined && rule.default === undefined) throw invalid(`the parameter ${name} is required`);
    const problem = values === undefined ? undefined : problemOf(rule, values);
    if (problem !== undefined) throw invalid(`the value of the parameter ${name} ${problem}`);
  }
}

const invalid = (problem: string): WireFault => new WireFault('InvalidParameters', `Invalid parameters: ${problem}.`);

function problemOf(rule: Parameter, values: readonly string[]): string | undefined {
  if (rule.type === 'String' && values.length !== 1) return 'is not one string';
  if (!isWithin(values.length, rule.minItems, rule.maxItems)) return 'has a wrong number of items';
  return values.map((value) => problemOfOne(rule, value)).find((problem) => problem !== undefined);
}

function problemOfOne({ minChars, maxChars, ...rule }: Parameter, value: string): string | undefined {
  if (!isWithin(value.length, minChars, maxChars)) return 'is too short or too long';
  if (rule.allowedValues?.includes(value) === false) return 'is not an allowed value';
  // Java's regular expressions in AWS; our patterns keep to what Java, RE2 and this engine share.
  const matches = rule.allowedPattern === undefined || new RegExp(rule.allowedPattern).test(value);
  return matches ? undefined : 'does not match its pattern';
}

const isWithin = (n: number, min = 0, max = Infinity): boolean => n >= min && n <= max;

/** How long a command may run: its steps' timeoutSeconds, 3,600 each when there is none (docs: …/documents-command-ssm-plugin-reference). */
export const executionSeconds = ({ mainSteps }: DocumentContent): number =>
  mainSteps.reduce((sum, { inputs }) => sum + Number(inputs.timeoutSeconds ?? 3600), 0);
