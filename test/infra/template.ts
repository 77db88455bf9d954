import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packagedStack } from '../../scripts/package/packaged-stack.ts';

export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  // A template's properties are as deep as CloudFormation lets them be; tests compare them by value.
  readonly Properties: Readonly<Record<string, unknown>>;
}

export interface Template {
  readonly Parameters: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** The folder of the packaged stack, made of the sources as they stand. */
export const packaged: string = await packagedStack(process.env);

export const templateText: string = await readFile(join(packaged, 'cloudformation-template-update-stack.json'), 'utf8');

export const template = JSON.parse(templateText) as Template;

export function resource(id: string): Resource {
  const found = template.Resources[id];
  if (found === undefined) throw new Error(`the template has no resource ${id}`);
  return found;
}

export const ofType = (type: string): readonly (readonly [string, Resource])[] =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type);

export const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
