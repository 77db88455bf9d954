import { createHash } from 'node:crypto';

/** JSON with sorted keys and without undefined values: the same value is always the same bytes. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sortKeys(value));

/** The first 16 hexadecimal digits of SHA-256: enough to notice a change, short enough to read. */
export const hashOf = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);

/** Without a prototype, so that a tag named `__proto__` is a key like any other. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Fields;
  const sorted: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(fields).toSorted()) {
    if (fields[key] !== undefined) sorted[key] = sortKeys(fields[key]);
  }
  return sorted;
}

/** Would both be the same canonical JSON? Without writing it. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const isSameField = (key: string): boolean => isSameJson(own(a as Fields, key), own(b as Fields, key));
  return [...Object.keys(a), ...Object.keys(b)].every(isSameField);
}

const own = (fields: Fields, key: string): unknown => (Object.hasOwn(fields, key) ? fields[key] : undefined);

type Fields = Readonly<Record<string, unknown>>;
