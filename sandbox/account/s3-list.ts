import type { S3Object } from './s3-versions.ts';

export interface ListQuery {
  readonly prefix?: string;
  readonly delimiter?: string;
  /** Only what sorts after this key (or common prefix). */
  readonly after?: string;
  readonly limit?: number;
}

export interface Listing {
  readonly objects: readonly S3Object[];
  readonly prefixes: readonly string[];
  /** The last entry, when there are more. */
  readonly next?: string;
}

/** ListObjectsV2 returns up to 1,000 keys: docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const PAGE = 1000;

/** UTF-8 byte order, which is JavaScript's order of strings as long as no key has surrogates. */
export const compareKeys = (a: string, b: string): number => {
  if (/[\uD800-\uDFFF]/.test(a + b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : Number(a > b);
};

export function page(sorted: readonly S3Object[], { prefix = '', delimiter, after, limit = PAGE }: ListQuery): Listing {
  const objects: S3Object[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  for (const object of sorted) {
    const group = groupOf(object.key, prefix, delimiter);
    const entry = group ?? object.key;
    if (entry === last || (after !== undefined && compareKeys(entry, after) <= 0)) continue;
    if (objects.length + prefixes.length === Math.min(limit, PAGE)) {
      return { objects, prefixes, ...(last !== undefined && { next: last }) };
    }
    if (group === undefined) objects.push(object);
    else prefixes.push(group);
    last = entry;
  }
  return { objects, prefixes };
}

function groupOf(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  const cut = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
  return cut === -1 ? undefined : key.slice(0, cut + (delimiter?.length ?? 0));
}
