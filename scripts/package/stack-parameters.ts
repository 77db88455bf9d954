import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { ConfigError } from '../../shared/core/errors.ts';
import { nearest } from '../nearest.ts';

/** One of serverless.yml's params, with what the template says of it. */
export interface StackParameter {
  /** As in serverless.yml and on the command line. */
  readonly name: string;
  /** As in the template. */
  readonly id: string;
  readonly fallback: string;
  readonly description: string;
  readonly pattern?: string | undefined;
  readonly range?: readonly [least: number, most: number] | undefined;
  /** What a value has to be, in words and with an example. */
  readonly constraint?: string | undefined;
  readonly values?: readonly string[] | undefined;
}

type Values = Readonly<Record<string, string>>;

const scalar = z.pipe(
  z.union([z.string(), z.number(), z.boolean()]),
  z.transform((value) => String(value)),
);
const service = z.looseObject({ params: z.record(z.string(), z.record(z.string(), scalar)) });
const resources = z.looseObject({
  Parameters: z.optional(
    z.record(
      z.string(),
      z.looseObject({
        Default: z.optional(scalar),
        AllowedPattern: z.optional(z.string()),
        AllowedValues: z.optional(z.array(scalar)),
        ConstraintDescription: z.optional(z.string()),
        Description: z.optional(z.string()),
      }),
    ),
  ),
});

const root = join(import.meta.dirname, '../..');

/** CloudFormation's tags (!Ref …) are no business of a reader of parameters; aliases are ours, and many. */
const readYaml = async (file: string): Promise<unknown> =>
  parse(await readFile(join(root, file), 'utf8'), { logLevel: 'error', maxAliasCount: -1 }) ?? {};

/** The values that serverless.yml has for a stage of its own (`params.<stage>`). */
export const valuesOfStage = async (stage: string): Promise<Values> =>
  service.parse(await readYaml('serverless.yml')).params[stage] ?? {};

/** Every parameter of the stack that a person may set: those of params whose template parameter has them as its default. */
export async function readStackParameters(): Promise<readonly StackParameter[]> {
  const fallbacks = service.parse(await readYaml('serverless.yml')).params['default'] ?? {};
  const described: StackParameter[] = [];
  for (const file of globSync('infra/resources/**/*.yml', { cwd: root }).toSorted()) {
    const { Parameters = {} } = resources.parse(await readYaml(file));
    for (const [id, { Default, ...parameter }] of Object.entries(Parameters)) {
      const name = /^\$\{param:(\w+)\}$/.exec(Default ?? '')?.[1];
      if (name === undefined) continue;
      described.push({
        name,
        id,
        fallback: fallbacks[name] ?? '',
        description: parameter.Description ?? '',
        pattern: parameter.AllowedPattern,
        constraint: parameter.ConstraintDescription,
        values: parameter.AllowedValues,
      });
    }
  }
  const order = Object.keys(fallbacks);
  return described.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

export interface Chosen {
  /** Every parameter's value. */
  readonly values: Values;
  /** Those that were neither given nor written down, and stay as they were deployed. */
  readonly kept: readonly string[];
}

/**
 * What a deploy sets:
 *
 *   --param   params.<stage>   deployed   default   → value
 *   given     anything         anything   anything  → --param's
 *   –         written          anything   anything  → the stage's
 *   –         –                other      anything  → the deployed one: forgetting --param once must change nothing
 *   –         –                –          anything  → the default
 */
export function chooseValues(
  all: readonly StackParameter[],
  { given, ofStage, deployed }: { readonly given: Values; readonly ofStage: Values; readonly deployed: Values },
): Chosen {
  const isKept = ({ name, id, fallback }: StackParameter): boolean =>
    given[name] === undefined && ofStage[name] === undefined && (deployed[id] ?? fallback) !== fallback;
  return {
    values: Object.fromEntries(
      all.map(({ name, id, fallback }) => [name, given[name] ?? ofStage[name] ?? deployed[id] ?? fallback]),
    ),
    kept: all.filter(isKept).map(({ name }) => name),
  };
}

/** What CloudFormation would refuse, or what is no parameter at all: a sentence for each, by its name. */
export function wrongValues(
  all: readonly StackParameter[],
  values: Values,
  page = 'docs/deploy.md',
): ReadonlyMap<string, string> {
  const known = new Map(all.map((parameter) => [parameter.name, parameter]));
  const wrong = Object.entries(values).flatMap(([name, value]): readonly (readonly [string, string])[] => {
    const parameter = known.get(name);
    if (parameter === undefined) {
      return [[name, `--param ${name}: no such parameter${nearest(name, [...known.keys()])} (${page} lists them)`]];
    }
    return isTaken(parameter, value) ? [] : [[name, `--param ${name} is "${value}": expected ${expected(parameter)}`]];
  });
  return new Map(wrong);
}

/** As osls takes them: it knows no empty value, which is what it takes for granted where nothing is written down. */
export function paramOptions(values: Values, ofStage: Values): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (value !== '') return ['--param', `${name}=${value}`];
    if ((ofStage[name] ?? '') === '') return [];
    throw new ConfigError(
      `--param ${name} is "", but serverless.yml has "${ofStage[name]}" for this stage: change it there`,
    );
  });
}

/** CloudFormation matches the whole value. */
const isTaken = (
  { pattern, values, range: [least, most] = [-Infinity, Infinity] }: StackParameter,
  value: string,
): boolean =>
  (pattern === undefined || new RegExp(`^(?:${pattern})$`).test(value)) &&
  !(Number(value) < least || Number(value) > most) &&
  (values === undefined || values.includes(value));

const expected = ({ description, constraint, values }: StackParameter): string =>
  `${values === undefined ? constraint : `one of ${values.join(', ')}`} (${description})`;
