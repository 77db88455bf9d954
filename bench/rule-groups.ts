/** The rules that are shipped, and which series they look at how far back. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

const FOLDER = join(import.meta.dirname, '../infra/prometheus/rules');
/** How far back a rule looks that has no range (an instant is looked for in five minutes) or one of five minutes. */
export const SHORTEST = 330;
/** Recorded series are what looks back for more. */
const LONGEST = 3630;

export interface Group {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly { readonly expr: string }[];
}

export async function readGroups(): Promise<readonly Group[]> {
  const files = await readdir(FOLDER);
  const texts = await Promise.all(files.map((file) => readFile(join(FOLDER, file), 'utf8')));
  return texts.flatMap((text) => (parse(text) as { readonly groups: readonly Group[] }).groups);
}

const SECONDS = { m: 60, h: 3600 };

/** The names that rules read, by how many seconds back they are looked at, the longest first. */
export function namesByReach(groups: readonly Group[]): readonly (readonly [number, ReadonlySet<string>])[] {
  const exprs = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)).join('\n');
  const read = new Set(exprs.match(/[a-z]\w+/g));
  const reach = new Map([...read].map((name) => [name, SHORTEST]));
  for (const [, name = '', range = '', unit = 'm'] of exprs.matchAll(
    /([a-z]\w+)(?:\{[^}]*\})?(?:\[| offset )(\d+)([mh])/g,
  )) {
    const back = Number(range) * SECONDS[unit as keyof typeof SECONDS] + 30;
    reach.set(name, Math.min(LONGEST, Math.max(back, reach.get(name) ?? 0)));
  }
  return [...Map.groupBy(reach, ([, back]) => back)]
    .map(([back, names]) => [back, new Set(names.map(([name]) => name))] as const)
    .toSorted(([a], [b]) => b - a);
}
