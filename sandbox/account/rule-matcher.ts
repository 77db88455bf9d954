import { BlockList, isIP, isIPv6 } from 'node:net';
import { WireFault } from './wire.ts';

export type Json = Readonly<Record<string, unknown>>;
/** Of a leaf: a text, a number, true, false or null. */
type Test = (leaf: unknown) => boolean;
/** Keys, from the top. */
export type Path = readonly string[];

export const invalid = (path: Path, reason: string): WireFault =>
  new WireFault(
    'InvalidEventPatternException',
    `Event pattern is not valid. Reason: ${reason} at ${['$', ...path].join('.')}`,
  );

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const anyOf =
  (tests: readonly Test[]): Test =>
  (value) =>
    tests.some((test) => test(value));

/** One item of a leaf's array: a value, or an operator. */
export function compileMatcher(matcher: unknown, path: Path): Test {
  if (!isObject(matcher)) return exactly(matcher, path);
  const [[operator, operand] = ['', undefined], ...more] = Object.entries(matcher);
  if (more.length > 0) throw invalid(path, 'Only one key allowed in match expression');
  if (operator === 'anything-but') return anythingBut(operand, path);
  return compileOperator(operator, operand, path);
}

function compileOperator(operator: string, operand: unknown, path: Path): Test {
  switch (operator) {
    case 'prefix':
      return onText(affix(operand, path), (value, wanted) => value.startsWith(wanted));
    case 'suffix':
      return onText(affix(operand, path), (value, wanted) => value.endsWith(wanted));
    case 'equals-ignore-case':
      return onText({ wanted: text(operand, path), fold: true }, (value, wanted) => value === wanted);
    case 'wildcard':
      return wildcard(text(operand, path), path);
    case 'numeric':
      return numeric(operand, path);
    case 'cidr':
      return cidr(text(operand, path), path);
    case 'exists':
      if (typeof operand !== 'boolean') throw invalid(path, 'exists match pattern must be either true or false');
      return () => true; // of any leaf; `exists: false` never comes here
    default:
      throw invalid(path, `Unrecognized match type ${operator}`);
  }
}

function exactly(wanted: unknown, path: Path): Test {
  if (wanted !== null && !['string', 'number', 'boolean'].includes(typeof wanted)) {
    throw invalid(path, 'Match value must be String, number, true, false, or null');
  }
  return (value) => value === wanted;
}

/** `"x"`, `["x", 1]` or one of the text operators, whose operand may be a list, too. */
function anythingBut(operand: unknown, path: Path): Test {
  const inner = isObject(operand) ? Object.entries(operand) : [['exactly', operand] as const];
  const [[operator, wanted] = ['', undefined], ...more] = inner;
  const allowed = ['exactly', 'prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(operator);
  const list: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  if (!allowed || more.length > 0 || list.length === 0)
    throw invalid(path, `Unsupported anything-but pattern ${operator}`);
  const refused = anyOf(
    list.map((item) => (operator === 'exactly' ? exactly(item, path) : compileOperator(operator, item, path))),
  );
  return (value) => !refused(value);
}

interface Affix {
  readonly wanted: string;
  readonly fold: boolean;
}

function affix(operand: unknown, path: Path): Affix {
  if (!isObject(operand)) return { wanted: text(operand, path), fold: false };
  const { 'equals-ignore-case': wanted, ...others } = operand;
  if (Object.keys(others).length > 0) throw invalid(path, 'Unsupported operator inside prefix or suffix');
  return { wanted: text(wanted, path), fold: true };
}

const onText = ({ wanted, fold }: Affix, compare: (value: string, wanted: string) => boolean): Test => {
  const folded = (string: string): string => (fold ? string.toLowerCase() : string);
  return (value) => typeof value === 'string' && compare(folded(value), folded(wanted));
};

function text(operand: unknown, path: Path): string {
  if (typeof operand !== 'string') throw invalid(path, 'the operand must be a string');
  return operand;
}

/** `*` is any run of characters, a backslash escapes it, two in a row are refused. */
function wildcard(pattern: string, path: Path): Test {
  if (/(?<!\\)\*\*/.test(pattern)) throw invalid(path, 'Consecutive wildcard characters');
  const source = pattern.replaceAll(/\\([*\\])|(\*)|[\s\S]/g, (piece: string, escaped?: string, star?: string) =>
    star === undefined ? escapeRegExp(escaped ?? piece) : '.*',
  );
  const expression = new RegExp(`^${source}$`, 's');
  return (value) => typeof value === 'string' && expression.test(value);
}

const escapeRegExp = (literal: string): string => literal.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function numeric(operand: unknown, path: Path): Test {
  const parts: readonly unknown[] = Array.isArray(operand) ? operand : [];
  if (parts.length !== 2 && parts.length !== 4) throw invalid(path, 'numeric takes one or two comparisons');
  const tests = [0, 2].slice(0, parts.length / 2).map((at) => {
    const compare = COMPARISONS[String(parts[at])];
    const limit = parts[at + 1];
    if (compare === undefined || typeof limit !== 'number') throw invalid(path, 'Unrecognized numeric comparison');
    return (value: number) => compare(value, limit);
  });
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function cidr(range: string, path: Path): Test {
  const [address = '', bits = ''] = range.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || !/^\d+$/.test(bits)) throw invalid(path, 'Malformed CIDR');
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family);
  return (value) =>
    typeof value === 'string' && isIP(value) !== 0 && block.check(value, isIPv6(value) ? 'ipv6' : 'ipv4');
}
