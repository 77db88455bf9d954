import { createHash } from 'node:crypto';

/** JSON with sorted keys and without undefined values: the same value is always the same bytes. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sortKeys(value));

/** The first 16 hexadecimal digits of SHA-256: enough to notice a change, short enough to read. */
export const hashOf = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, sortKeys(field)]),
  );
}
