import { compileMatcher, invalid, isObject, type Json, type Path } from './rule-matcher.ts';
import { notImplemented } from './wire.ts';

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
  const matches = compileNode(pattern, []);
  return (event) => matches(event, event);
}

/** Of the value at its place in the event; `exists: false` looks through the whole event instead. */
type Node = (value: unknown, event: unknown) => boolean;
/** Arrays in arrays are one array to the engine. */
const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.flat(Infinity) : [value]);
const leaves = (value: unknown): readonly unknown[] =>
  items(value).filter((item) => item !== undefined && !isObject(item));
const leavesAt = (value: unknown, [key, ...rest]: Path): readonly unknown[] =>
  key === undefined ? leaves(value) : items(value).flatMap((item) => (isObject(item) ? leavesAt(item[key], rest) : []));

function compileNode(pattern: unknown, path: Path): Node {
  if (!isObject(pattern)) throw invalid(path, 'must be an object or an array');
  const tests = Object.entries(pattern).map(([key, value]) => compileKey(key, value, path));
  if (tests.length === 0) throw invalid(path, 'Empty objects are not allowed');
  refuseOverlap(pattern, path);
  // Of an array, one of its objects has to match the whole pattern.
  return (value, event) => {
    const objects = items(value).filter(isObject);
    return (objects.length === 0 ? [{}] : objects).some((object) => tests.every((test) => test(object, event)));
  };
}

function compileKey(key: string, value: unknown, path: Path): Node {
  if (key === '$or') return alternatives(value, path);
  const inner = [...path, key];
  const test = Array.isArray(value) ? compileLeaf(value, inner) : compileNode(value, inner);
  return (object, event) => test((object as Json)[key], event);
}

function alternatives(value: unknown, path: Path): Node {
  if (!Array.isArray(value) || value.length < 2) throw invalid(path, '$or must be an array of two patterns or more');
  const tests = value.map((pattern) => compileNode(pattern, path));
  return (object, event) => tests.some((test) => test(object, event));
}

/** A key both beside `$or` and in it is no AND: the engine forgets one of the two. */
function refuseOverlap({ $or, ...beside }: Json, path: Path): void {
  if (!Array.isArray($or)) return;
  const taken = new Set(keysOf(beside));
  const twice = $or.flatMap(keysOf).find((key) => taken.has(key));
  if (twice !== undefined) throw notImplemented(`${twice} beside $or and in it, at ${['$', ...path].join('.')}`);
}

const keysOf = (pattern: unknown): readonly string[] =>
  Object.entries(isObject(pattern) ? pattern : {}).flatMap(([key, value]) => {
    if (key === '$or') return items(value).flatMap(keysOf);
    return isObject(value) ? keysOf(value).map((inner) => `${key}.${inner}`) : [key];
  });

function compileLeaf(matchers: readonly unknown[], path: Path): Node {
  if (matchers.length === 0) throw invalid(path, 'Empty arrays are not allowed');
  const tests = matchers.filter((matcher) => !isAbsence(matcher)).map((matcher) => compileMatcher(matcher, path));
  const mayBeAbsent = matchers.some(isAbsence);
  return (value, event) =>
    leaves(value).some((leaf) => tests.some((test) => test(leaf))) ||
    (mayBeAbsent && leavesAt(event, path).length === 0);
}

const isAbsence = (matcher: unknown): boolean =>
  isObject(matcher) && matcher['exists'] === false && Object.keys(matcher).length === 1;
