import { RE2JS } from 're2js';

export interface ParameterDefinition {
  readonly type?: string;
  readonly default?: unknown;
  readonly allowedPattern?: string;
  readonly interpolationType?: string;
}

export type Values = Readonly<Record<string, unknown>>;
export type Resolved =
  | { readonly kind: 'resolved'; readonly values: Values }
  | { readonly kind: 'invalid'; readonly reason: string };

const VALID_NAME = /^[a-zA-Z0-9]+$/;

//   given, declared                                 → value
//   a name with other than letters and digits       → dropped in silence, the default is used
//   undeclared                                      → taken as it is
//   declared, nothing given                         → the default
//   a pattern, found anywhere in the value          → the value: the agent does not anchor (RE2)
//   a pattern, not found                            → invalid
//   a pattern, and a number or nothing at all       → invalid
export function resolveParameters(definitions: Readonly<Record<string, ParameterDefinition>>, given: Values): Resolved {
  const valid = Object.entries(given).filter(([name]) => VALID_NAME.test(name));
  const values: Record<string, unknown> = Object.fromEntries(valid);
  for (const [name, definition] of Object.entries(definitions)) {
    const value = values[name] ?? definition.default;
    const reason = violation(name, value, definition.allowedPattern);
    if (reason !== undefined) return { kind: 'invalid', reason };
    if (value !== undefined) values[name] = value;
  }
  return { kind: 'resolved', values };
}

function violation(name: string, value: unknown, pattern: string | undefined): string | undefined {
  if (pattern === undefined || pattern === '') return undefined;
  try {
    const compiled = RE2JS.compile(pattern);
    const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
    const fits = parts.every((part) => typeof part === 'string' && compiled.matcher(part).find());
    return fits ? undefined : `Parameter value for ${name} does not match the allowed pattern ${pattern}`;
  } catch (error) {
    return `Invalid allowedPattern ${pattern} of parameter ${name}: ${String(error)}`;
  }
}

/** Puts values for `{{ Name }}` into every string of a step's inputs, however deep. */
export function substitute(input: unknown, values: Values): unknown {
  if (typeof input === 'string') return substituteText(input, values);
  if (Array.isArray(input)) return input.map((part) => substitute(part, values));
  if (typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(Object.entries(input).map(([key, part]) => [key, substitute(part, values)]));
}

function substituteText(text: string, values: Values): unknown {
  // A string that is nothing but one reference becomes the value itself: a list stays a list.
  const alone = Object.keys(values).find((name) => new RegExp(`^\\{\\{\\s*${name}\\s*\\}\\}$`).test(text));
  if (alone !== undefined) return values[alone];
  return Object.entries(values).reduce((result, [name, value]) => {
    const pasted = typeof value === 'string' ? value : JSON.stringify(value);
    return result.replaceAll(new RegExp(`\\{\\{\\s*${name}\\s*\\}\\}`, 'g'), (whole) => expand(pasted, whole));
  }, text);
}

/** Go's ReplaceAllString takes the value as a template: `$$` is `$`, `$0` the whole match, any other `$name` nothing. */
const expand = (value: string, whole: string): string =>
  value.replaceAll(/\$(?:(\$)|\{(\w+)\}|(\w+))/g, (_all, dollar?: string, braced?: string, bare?: string) => {
    if (dollar !== undefined) return '$';
    return (braced ?? bare) === '0' ? whole : '';
  });

/** What an agent from 3.3.2746.0 on adds to the environment; the text is substituted all the same. */
export const environmentOf = (
  definitions: Readonly<Record<string, ParameterDefinition>>,
  values: Values,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(definitions)
      .filter(([name, { interpolationType }]) => interpolationType === 'ENV_VAR' && values[name] !== undefined)
      .map(([name]) => [`SSM_${name}`, typeof values[name] === 'string' ? values[name] : JSON.stringify(values[name])]),
  );
