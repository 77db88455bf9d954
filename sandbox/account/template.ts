import * as z from 'zod/mini';
import { WireFault } from './wire.ts';

const output = z.looseObject({
  Value: z.unknown(),
  Description: z.optional(z.string()),
  Condition: z.optional(z.string()),
});

const scalar = z.optional(z.union([z.string(), z.number()]));
/** docs: AWSCloudFormation/latest/UserGuide/parameters-section-structure */
const parameter = z.strictObject({
  Type: z.union([
    z.enum(['String', 'Number', 'CommaDelimitedList', 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>']),
    z.string().check(z.regex(/^AWS::EC2::(?:VPC::Id|Subnet::Id|AvailabilityZone::Name)$/)),
  ]),
  Default: scalar,
  AllowedPattern: z.optional(z.string()),
  AllowedValues: z.optional(z.array(z.union([z.string(), z.number()]))),
  MinLength: scalar,
  MaxLength: scalar,
  MinValue: scalar,
  MaxValue: scalar,
  ConstraintDescription: z.optional(z.string()),
  Description: z.optional(z.string()),
  NoEcho: z.optional(z.boolean()),
});
export type Parameter = z.output<typeof parameter>;

/** docs: AWSCloudFormation/latest/TemplateReference/aws-product-attribute-reference */
const policy = z.optional(z.enum(['Delete', 'Retain', 'RetainExceptOnCreate']));
const resource = z.strictObject({
  Type: z.string(),
  Condition: z.optional(z.string()),
  DependsOn: z.optional(z.union([z.string(), z.array(z.string())])),
  DeletionPolicy: policy,
  UpdateReplacePolicy: policy,
  Properties: z.optional(z.record(z.string(), z.unknown())),
  /** When it counts as made, and how its instances are changed: here all of it is at once. */
  CreationPolicy: z.optional(z.unknown()),
  UpdatePolicy: z.optional(z.unknown()),
  Metadata: z.optional(z.unknown()),
});
export type TemplateResource = z.output<typeof resource>;

/** A packaged CloudFormation template, as far as the simulated account reads it. */
const schema = z.strictObject({
  AWSTemplateFormatVersion: z.optional(z.string()),
  Description: z.optional(z.string()),
  Metadata: z.optional(z.unknown()),
  Parameters: z.optional(z.record(z.string(), parameter)),
  Conditions: z.optional(z.record(z.string(), z.unknown())),
  Resources: z.record(z.string(), resource),
  Outputs: z.optional(z.record(z.string(), output)),
});

export type Template = z.output<typeof schema>;

export const readTemplate = (source: unknown): Template => schema.parse(source);

/** What the intrinsic functions look things up in. */
export interface Scope {
  /** Parameters and pseudo parameters. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly conditions: Readonly<Record<string, unknown>>;
  /** `Ref` of a resource; undefined when there is none of that name. */
  ref(logicalId: string): string | undefined;
  attribute(logicalId: string, name: string): string | undefined;
}

const invalid = (message: string): WireFault => new WireFault('ValidationError', message);

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

/** Removes the property it stands for: docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html */
const NO_VALUE = Symbol('AWS::NoValue');

/**
 * Replaces the intrinsic functions in a value; an unknown one, or one that leads nowhere, is an error.
 * docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [[name, argument] = ['', undefined]] = entries;
  if (entries.length === 1 && (name === 'Ref' || name === 'Condition' || name.startsWith('Fn::'))) {
    // A statement's `Condition` block is an object; the function's argument is a name.
    if (name !== 'Condition' || typeof argument === 'string') return call(name, argument, scope);
  }
  const resolved = entries.map(([key, item]) => [key, resolve(item, scope)] as const);
  return Object.fromEntries(resolved.filter(([, item]) => item !== NO_VALUE));
}

function call(name: string, argument: unknown, scope: Scope): unknown {
  const run = INTRINSICS[name];
  if (run === undefined) throw new WireFault('NotImplemented', `template: the function ${name} is not modelled`, 501);
  return run(argument, scope);
}

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, scope) => reference(String(name), scope),
  Condition: (name, scope) => isTrue(String(name), scope),
  'Fn::GetAtt': (path, scope) => attribute(Array.isArray(path) ? path.join('.') : String(path), scope),
  'Fn::Sub': (argument, scope) => substitute(argument, scope),
  'Fn::Base64': (argument, scope) => Buffer.from(String(resolve(argument, scope))).toString('base64'),
  'Fn::Join': (argument, scope) => {
    const [separator, items] = list(argument, scope, 'Fn::Join');
    return list(items, scope, 'Fn::Join').join(String(separator));
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = list(argument, scope, 'Fn::Split');
    return String(text).split(String(separator));
  },
  'Fn::Select': (argument, scope) => {
    const [index, items] = list(argument, scope, 'Fn::Select');
    const item = list(items, scope, 'Fn::Select')[Number(index)];
    if (item === undefined) throw invalid(`template: Fn::Select has no item ${String(index)}`);
    return item;
  },
  'Fn::If': (argument, scope) => {
    const [condition, yes, no] = Array.isArray(argument) ? (argument as unknown[]) : [];
    return resolve(isTrue(String(condition), scope) ? yes : no, scope);
  },
  'Fn::Equals': (argument, scope) => {
    const [a, b] = list(argument, scope, 'Fn::Equals');
    return a === b;
  },
  'Fn::Not': (argument, scope) => list(argument, scope, 'Fn::Not')[0] !== true,
  'Fn::And': (argument, scope) => list(argument, scope, 'Fn::And').every((item) => item === true),
  'Fn::Or': (argument, scope) => list(argument, scope, 'Fn::Or').includes(true),
};

function list(argument: unknown, scope: Scope, name: string): readonly unknown[] {
  const items = resolve(argument, scope);
  if (!Array.isArray(items)) throw invalid(`template: ${name} needs a list`);
  return items;
}

function reference(name: string, scope: Scope): unknown {
  if (name === 'AWS::NoValue') return NO_VALUE;
  const value = scope.parameters[name] ?? scope.ref(name);
  if (value === undefined) throw invalid(`template: Ref ${name} names neither a parameter nor a resource`);
  return value;
}

function attribute(path: string, scope: Scope): string {
  const [logicalId = '', ...name] = path.split('.');
  const value = scope.attribute(logicalId, name.join('.'));
  if (value === undefined) throw invalid(`template: Fn::GetAtt ${path} names nothing that is modelled`);
  return value;
}

/** Whether the template's condition of this name holds. */
export function isTrue(name: string, scope: Scope): boolean {
  if (!(name in scope.conditions)) throw invalid(`template: there is no condition ${name}`);
  return resolve(scope.conditions[name], scope) === true;
}

/** `${Name}`, `${Name.Attribute}`, names of its own map first; `${!Literal}` stays as `${Literal}`. */
function substitute(argument: unknown, scope: Scope): string {
  const [text, own = {}] = Array.isArray(argument) ? (argument as unknown[]) : [argument];
  const names = resolve(own, scope) as Readonly<Record<string, unknown>>;
  return String(text).replaceAll(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`;
    if (name in names) return String(names[name]);
    return String(name.includes('.') ? attribute(name, scope) : reference(name, scope));
  });
}
