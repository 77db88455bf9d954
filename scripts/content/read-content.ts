import { isUtf8 } from 'node:buffer';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CONTENT_PATH,
  MAX_CONTENT_BYTES,
  MAX_CONTENT_FILE,
  MAX_CONTENT_FILES,
  PRICES,
} from '../../shared/core/content.ts';
import { ConfigError } from '../../shared/core/errors.ts';
import { parsePrices } from '../../shared/core/prices.ts';
import { REGIONS, whyNoRegion } from '../aws/identity.ts';
import { nearest } from '../nearest.ts';
import type { Say } from '../step.ts';
import { dashboardProblems } from './check-dashboard.ts';
import { ruleFileProblems } from './check-rule-file.ts';
import { problemAt, type SourceFile } from './content-file.ts';
import { promtoolProblems } from './promtool.ts';

/** Ours first: a file of the user's with the same name takes its place. */
const FOLDERS = [
  ['infra/prometheus/rules', 'rules'],
  ['infra/grafana/dashboards', 'dashboards'],
  ['content/rules', 'rules'],
  ['content/dashboards', 'dashboards'],
] as const;
export const OWN = 'content';
/** Of the user's folders: notes, and what editors leave. */
const IGNORED = /^\.|~$|\.md$/i;

interface Checked {
  readonly root: string;
  /** Undefined: expressions are left to the host's. */
  readonly promtool: string | undefined;
  readonly say: Say;
}

/** The whole set that is published, or one ConfigError with everything that is wrong, by file and line. */
export async function readContent({ root, promtool, say }: Checked): Promise<readonly SourceFile[]> {
  const { files, problems } = await gather(root, say);
  const checked = files.map((file) => ({ file, wrong: problemsOf(file) }));
  const found = [...problems, ...sizeProblems(files), ...checked.flatMap(({ wrong }) => wrong)];
  const wellFormed = checked.filter(({ file, wrong }) => file.path.startsWith('rules/') && wrong.length === 0);
  const sources = wellFormed.map(({ file }) => file.source);
  if (promtool !== undefined) found.push(...(await promtoolProblems(promtool, sources, root)));
  sayWhatRingsTwice(files, say);
  sayNewRegions(files, say);
  if (found.length > 0)
    throw new ConfigError(
      `content: ${found.length} ${found.length === 1 ? 'problem' : 'problems'}\n${found.map((line) => `  ${line}`).join('\n')}`,
    );
  return files;
}

/** A copy of a file of ours under another name is not in its place: both ring. */
function sayWhatRingsTwice(files: readonly SourceFile[], say: Say): void {
  const alerts = (file: SourceFile) =>
    file.path.startsWith('rules/')
      ? [...file.text.matchAll(/^[ -]*alert: *['"]?(\w+)/gm)].map(([, name = '']) => name)
      : [];
  const isOwn = ({ source }: SourceFile): boolean => source.startsWith(`${OWN}/`);
  const ours = new Map(
    files.filter((file) => !isOwn(file)).flatMap((file) => alerts(file).map((name) => [name, file])),
  );
  for (const file of files.filter(isOwn))
    for (const name of alerts(file)) {
      const other = ours.get(name);
      if (other !== undefined) say(`  ${name} of ${file.source} rings beside that of ${other.source}`);
    }
}

/** Names that AWS may give. It opens Regions between two versions of its SDK, and their prices do no harm. */
const LIKE_A_REGION = /-(north|south|east|west|northeast|northwest|southeast|southwest|central)-\d$/;

function sayNewRegions(files: readonly SourceFile[], say: Say): void {
  const own = files.filter(({ path }) => path === PRICES).map(({ text }) => parsePrices(text, whyNoPricesOf));
  const prices = own.flatMap((read) => ('prices' in read ? read.prices : []));
  for (const region of new Set(prices.map((price) => price.region)))
    if (!REGIONS.includes(region))
      say(`  ${PRICES} has prices of ${region}, a Region that this checkout does not know${nearest(region, REGIONS)}`);
}

const whyNoPricesOf = (region: string): string | undefined =>
  LIKE_A_REGION.test(region) ? undefined : whyNoRegion(region);

async function gather(root: string, say: Say) {
  const files = new Map<string, SourceFile>();
  const problems: string[] = [];
  const refuse = (source: string, words: string): void => void problems.push(problemAt(source, 1, words));
  const namesIn = async (folder: string): Promise<readonly string[]> => {
    const kind = await kindOf(join(root, folder));
    if (kind === 'folder') return await namesOf(join(root, folder));
    if (kind !== 'nothing') refuse(folder, `a folder expected, and this is a ${kind}`);
    return [];
  };
  const take = async (source: string, path: string): Promise<void> => {
    const kind = await kindOf(join(root, source));
    if (!CONTENT_PATH.test(path))
      refuse(source, 'expected <name>.yml of rules or <name>.json of a dashboard, of letters, digits, . _ and -');
    else if (kind !== 'file') refuse(source, `a file expected, and this is a ${kind}`);
    else {
      const bytes = await readFile(join(root, source));
      const line = lineNotUtf8(bytes);
      if (line !== undefined) problems.push(problemAt(source, line, 'not UTF-8: save it as UTF-8'));
      const before = files.get(path);
      if (before !== undefined) say(`  ${source} takes the place of ${before.source}`);
      files.set(path, { path, source, text: new TextDecoder().decode(bytes) });
    }
  };
  for (const [folder, kind] of FOLDERS)
    for (const name of await namesIn(folder)) await take(`${folder}/${name}`, `${kind}/${name}`);
  for (const name of await namesIn(OWN))
    if (name !== 'rules' && name !== 'dashboards')
      refuse(
        `${OWN}/${name}`,
        `expected ${OWN}/rules and ${OWN}/dashboards only; ${PRICES} lies beside monitoring.yml`,
      );
  if ((await kindOf(join(root, PRICES))) !== 'nothing') await take(PRICES, PRICES);
  return { files: [...files.values()], problems };
}

/** A link is not followed: what it leads to may be another one's tomorrow. */
async function kindOf(path: string): Promise<'file' | 'folder' | 'link' | 'device' | 'nothing'> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (found === undefined) return 'nothing';
  if (found.isSymbolicLink()) return 'link';
  if (found.isDirectory()) return 'folder';
  return found.isFile() ? 'file' : 'device';
}

async function namesOf(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => !IGNORED.test(name)).toSorted();
}

function lineNotUtf8(bytes: Uint8Array): number | undefined {
  if (isUtf8(bytes)) return undefined;
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  return lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1'))) + 1;
}

function problemsOf(file: SourceFile): readonly string[] {
  if (file.path === PRICES)
    return (parsePrices(file.text, whyNoPricesOf).problems ?? []).map(({ line, text }) =>
      problemAt(file.source, line, text),
    );
  return file.path.startsWith('rules/') ? ruleFileProblems(file) : dashboardProblems(file);
}

/** What the host would refuse, for it keeps to them. */
function sizeProblems(files: readonly SourceFile[]): readonly string[] {
  const sizes = files.map(({ source, text }) => ({ source, size: Buffer.byteLength(text) }));
  const total = sizes.reduce((sum, { size }) => sum + size, 0);
  return [
    ...sizes.flatMap(({ source, size }) =>
      size > MAX_CONTENT_FILE ? [problemAt(source, 1, `${size} bytes; at most ${MAX_CONTENT_FILE}`)] : [],
    ),
    ...(files.length > MAX_CONTENT_FILES ? [`${files.length} files; at most ${MAX_CONTENT_FILES}`] : []),
    ...(total > MAX_CONTENT_BYTES ? [`${total} bytes in all; at most ${MAX_CONTENT_BYTES}`] : []),
  ];
}
