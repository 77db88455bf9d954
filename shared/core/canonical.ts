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
  const fields = value as Readonly<Record<string, unknown>>;
  const sorted: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(fields).toSorted()) {
    if (fields[key] !== undefined) sorted[key] = sortKeys(fields[key]);
  }
  return sorted;
}
