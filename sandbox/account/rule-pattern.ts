import { BlockList, isIP, isIPv6 } from 'node:net';
import { WireFault } from './wire.ts';

/**
 * Event patterns of EventBridge rules; whatever is not listed here is refused, never ignored.
 * docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 *
 *   "state": ["RUNNING", "WAITING"]                     one of them, with the same type
 *   "state": [{ "prefix": "RUN" }]                      also suffix, equals-ignore-case, wildcard; an array is an OR
 *   "state": [{ "anything-but": ["RUNNING"] }]          also { "anything-but": { "prefix": "RUN" } } and its kin
 *   "count": [{ "numeric": [">", 0, "<=", 5] }]
 *   "source-ip": [{ "cidr": "10.0.0.0/24" }]
 *   "state": [{ "exists": false }]                      the only one that an absent key passes
 *   "$or": [{ "a": [1] }, { "b": [1] }]                 different keys are an AND otherwise
 */
export function compilePattern(pattern: unknown): (event: unknown) => boolean {
  return compileNode(pattern, '$');
}

type Json = Readonly<Record<string, unknown>>;
/** `value` is undefined when the key is absent or holds an object: operators look at leaves only. */
type Test = (value: unknown) => boolean;

const invalid = (path: string, reason: string): WireFault =>
  new WireFault('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason} at ${path}`);

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function compileNode(pattern: unknown, path: string): Test {
  if (!isObject(pattern)) throw invalid(path, 'must be an object or an array');
  const tests = Object.entries(pattern).map(([key, value]) => compileKey(key, value, `${path}.${key}`));
  if (tests.length === 0) throw invalid(path, 'Empty objects are not allowed');
  // An array of objects matches when one of them matches the whole pattern.
  const matches = (event: unknown): boolean => tests.every((test) => test(isObject(event) ? event : {}));
  return (event) => (Array.isArray(event) ? event.some(matches) : matches(event));
}

function compileKey(key: string, value: unknown, path: string): Test {
  if (key === '$or') return anyOf(alternatives(value, path));
  const test = Array.isArray(value) ? compileLeaf(value, path) : compileNode(value, path);
  return (event) => test((event as Json)[key]);
}

function alternatives(value: unknown, path: string): readonly Test[] {
  if (!Array.isArray(value) || value.length < 2) throw invalid(path, '$or must be an array of two patterns or more');
  return value.map((pattern, n) => compileNode(pattern, `${path}[${n}]`));
}

function compileLeaf(matchers: readonly unknown[], path: string): Test {
  if (matchers.length === 0) throw invalid(path, 'Empty arrays are not allowed');
  const test = anyOf(matchers.map((matcher) => compileMatcher(matcher, path)));
  return (value) => (Array.isArray(value) ? value.some((item) => test(leaf(item))) : test(leaf(value)));
}

const leaf = (value: unknown): unknown => (isObject(value) ? undefined : value);
const anyOf =
  (tests: readonly Test[]): Test =>
  (value) =>
    tests.some((test) => test(value));

function compileMatcher(matcher: unknown, path: string): Test {
  if (!isObject(matcher)) return exactly(matcher, path);
  const [[operator, operand] = ['', undefined], ...more] = Object.entries(matcher);
  if (more.length > 0) throw invalid(path, 'Only one key allowed in match expression');
  if (operator === 'anything-but') return anythingBut(operand, path);
  return compileOperator(operator, operand, path);
}

function compileOperator(operator: string, operand: unknown, path: string): Test {
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
      return (value) => (value !== undefined) === operand;
    default:
      throw invalid(path, `Unrecognized match type ${operator}`);
  }
}

function exactly(wanted: unknown, path: string): Test {
  if (wanted !== null && !['string', 'number', 'boolean'].includes(typeof wanted)) {
    throw invalid(path, 'Match value must be String, number, true, false, or null');
  }
  return (value) => value === wanted;
}

/** `"x"`, `["x", 1]` or one of the text operators, whose operand may be a list, too. */
function anythingBut(operand: unknown, path: string): Test {
  const inner = isObject(operand) ? Object.entries(operand) : [['exactly', operand] as const];
  const [[operator, wanted] = ['', undefined], ...more] = inner;
  const allowed = ['exactly', 'prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(operator);
  const list: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  if (!allowed || more.length > 0 || list.length === 0)
    throw invalid(path, `Unsupported anything-but pattern ${operator}`);
  const refused = anyOf(
    list.map((item) => (operator === 'exactly' ? exactly(item, path) : compileOperator(operator, item, path))),
  );
  return (value) => value !== undefined && !refused(value);
}

interface Affix {
  readonly wanted: string;
  readonly fold: boolean;
}

function affix(operand: unknown, path: string): Affix {
  if (!isObject(operand)) return { wanted: text(operand, path), fold: false };
  const { 'equals-ignore-case': wanted, ...others } = operand;
  if (Object.keys(others).length > 0) throw invalid(path, 'Unsupported operator inside prefix or suffix');
  return { wanted: text(wanted, path), fold: true };
}

const onText = ({ wanted, fold }: Affix, compare: (value: string, wanted: string) => boolean): Test => {
  const folded = (string: string): string => (fold ? string.toLowerCase() : string);
  return (value) => typeof value === 'string' && compare(folded(value), folded(wanted));
};

function text(operand: unknown, path: string): string {
  if (typeof operand !== 'string') throw invalid(path, 'the operand must be a string');
  return operand;
}

/** `*` is any run of characters, a backslash escapes it, two in a row are refused. */
function wildcard(pattern: string, path: string): Test {
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

function numeric(operand: unknown, path: string): Test {
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

function cidr(range: string, path: string): Test {
  const [address = '', bits = ''] = range.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || !/^\d+$/.test(bits)) throw invalid(path, 'Malformed CIDR');
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family);
  return (value) =>
    typeof value === 'string' && isIP(value) !== 0 && block.check(value, isIPv6(value) ? 'ipv6' : 'ipv4');
}
