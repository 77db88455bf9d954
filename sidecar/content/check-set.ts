import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { PRICES } from '../../shared/core/content.ts';
import { parsePrices, type Price } from '../../shared/core/prices.ts';
import { messageOf } from '../failure.ts';
import type { CheckRules } from './check-rules.ts';
import { ContentError } from './content-error.ts';
import type { ContentSet } from './content-folder.ts';

const dashboard = z.object({ uid: z.string(), title: z.string().check(z.minLength(1)), panels: z.array(z.unknown()) });

/** Throws for the first file that Prometheus, Grafana or we could not use; answers the prices. */
export async function checkSet(set: ContentSet, checkRules: CheckRules): Promise<readonly Price[]> {
  const paths = set.files.map(({ path }) => path);
  for (const path of paths.filter((name) => name.startsWith('dashboards/')))
    checkDashboard(path, await readFile(join(set.folder, path), 'utf8'));
  const prices = await readPrices(set);
  await checkRules(
    set.folder,
    paths.filter((path) => path.startsWith('rules/')),
  );
  return prices;
}

/** Grafana takes no dashboard of a provider in which two have one uid: so each has that of its file's name. */
function checkDashboard(path: string, text: string): void {
  const uid = path.slice('dashboards/'.length, -'.json'.length);
  const found = dashboard.safeParse(fromJson(path, text));
  if (!found.success) {
    const [first] = found.error.issues;
    throw new ContentError('dashboard', `${path}: ${first?.path.join('.') || 'the file'}: ${first?.message}`);
  }
  if (found.data.uid !== uid)
    throw new ContentError('dashboard', `${path}: uid is ${JSON.stringify(found.data.uid)}; expected "${uid}"`);
}

function fromJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ContentError('dashboard', `${path}: not JSON: ${messageOf(cause)}`, { cause });
  }
}

export async function readPrices({ folder, files }: ContentSet): Promise<readonly Price[]> {
  if (!files.some(({ path }) => path === PRICES)) return [];
  const read = parsePrices(await readFile(join(folder, PRICES), 'utf8'));
  if ('prices' in read) return read.prices;
  const [first] = read.problems;
  throw new ContentError('prices', `${PRICES} line ${first?.line}: ${first?.text}`);
}
