import * as z from 'zod/mini';
import type { CatalogueEntry } from './catalogue.ts';
import { monitoringSchema, type Monitoring } from './monitoring.ts';

/** One thing that is wrong in monitoring.yml. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly value: unknown;
  readonly expected: string;
  /** The keys that exist at this place, when `path` ends in one that does not. */
  readonly known?: readonly string[];
}

type Parsed = { readonly monitoring: Monitoring } | { readonly problems: readonly Problem[] };
type Issue = z.core.$ZodIssue;

/** Either the whole configuration or everything that is wrong with it. */
export function parseMonitoring(input: unknown, catalogue: readonly CatalogueEntry[]): Parsed {
  const schema = monitoringSchema(catalogue);
  const parsed = schema.safeParse(input, { reportInput: true });
  // zod runs no cross-field check on an object that has other faults, and every problem is to be named in one go.
  const shared = sharedPorts(input, catalogue);
  if (parsed.success && shared.length === 0) return { monitoring: parsed.data };
  const shape = z.toJSONSchema(schema, { io: 'input' });
  return { problems: [...(parsed.error?.issues ?? []).flatMap((issue) => toProblems(issue, shape)), ...shared] };
}

function toProblems(issue: Issue, shape: JsonSchema): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(at(shape, issue.path)?.properties ?? {});
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      value: entriesOf(issue.input)[key],
      expected: `one of the keys ${known.join(', ')}`,
      known,
    }));
  }
  if (issue.code === 'invalid_key') {
    // The reason is that of the key's own schema.
    return issue.issues.map(({ message }) => ({ path: issue.path, value: issue.path.at(-1), expected: message }));
  }
  return [{ path: issue.path, value: issue.input, expected: issue.message }];
}

/** Ports given twice, those of a switched-off exporter among them: nodes that have it keep it. */
function sharedPorts(input: unknown, catalogue: readonly CatalogueEntry[]): readonly Problem[] {
  const sections = entriesOf(entriesOf(input)['exporters']);
  const holders = new Map<number, string>();
  const problems: Problem[] = [];
  for (const { name, ports: standard } of catalogue) {
    if (!(name in sections)) continue;
    for (const [keys, port] of portsOf(entriesOf(sections[name]), standard)) {
      const holder = holders.get(port);
      if (holder === undefined) holders.set(port, [name, ...keys.slice(1)].join(' '));
      else
        problems.push({
          path: ['exporters', name, ...keys],
          value: port,
          expected: `a port of its own: ${holder} has this one`,
        });
    }
  }
  return problems;
}

/** By where they stand in the section; what is no number is already named as a wrong type. */
function portsOf(section: Entries, standard: CatalogueEntry['ports']): readonly (readonly [string[], number])[] {
  const given: readonly (readonly [string[], unknown])[] =
    typeof standard === 'number'
      ? [[['port'], section['port'] ?? standard]]
      : Object.entries(entriesOf(section['ports'] ?? standard)).map(([key, port]) => [['ports', key], port]);
  return given.flatMap(([keys, port]) => (typeof port === 'number' ? [[keys, port] as const] : []));
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

function at(shape: JsonSchema, path: readonly PropertyKey[]): JsonSchema | undefined {
  let here: JsonSchema | undefined = shape;
  for (const key of path) {
    const next: unknown = here?.properties?.[String(key)] ?? here?.additionalProperties;
    here = typeof next === 'object' ? (next as JsonSchema) : undefined;
  }
  return here;
}

type Entries = Readonly<Record<string, unknown>>;

const entriesOf = (value: unknown): Entries => (typeof value === 'object' && value !== null ? { ...value } : {});
