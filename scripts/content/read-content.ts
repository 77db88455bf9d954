import { readdir, readFile, stat } from 'node:fs/promises';
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
const OWN = 'content';
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
  const found = [...problems, ...sizeProblems(files), ...files.flatMap((file) => problemsOf(file))];
  const rules = files.filter(({ path }) => path.startsWith('rules/')).map(({ source }) => source);
  if (promtool !== undefined && found.length === 0) found.push(...(await promtoolProblems(promtool, rules, root)));
  if (found.length > 0)
    throw new ConfigError(
      `content: ${found.length} ${found.length === 1 ? 'problem' : 'problems'}\n${found.map((line) => `  ${line}`).join('\n')}`,
    );
  return files;
}

async function gather(root: string, say: Say) {
  const files = new Map<string, SourceFile>();
  const problems: string[] = [];
  const take = async (source: string, path: string): Promise<void> => {
    if (!CONTENT_PATH.test(path)) {
      problems.push(
        problemAt(
          source,
          1,
          'expected <name>.yml of rules or <name>.json of a dashboard, of letters, digits, . _ and -',
        ),
      );
      return;
    }
    if (!(await stat(join(root, source))).isFile()) {
      problems.push(problemAt(source, 1, 'a file expected'));
      return;
    }
    const before = files.get(path);
    if (before !== undefined) say(`  ${source} takes the place of ${before.source}`);
    files.set(path, { path, source, text: await readFile(join(root, source), 'utf8') });
  };
  for (const [folder, kind] of FOLDERS)
    for (const name of await namesIn(join(root, folder))) await take(`${folder}/${name}`, `${kind}/${name}`);
  for (const name of await namesIn(join(root, OWN)))
    if (name !== 'rules' && name !== 'dashboards')
      problems.push(
        problemAt(
          `${OWN}/${name}`,
          1,
          `expected ${OWN}/rules and ${OWN}/dashboards only; ${PRICES} lies beside monitoring.yml`,
        ),
      );
  if ((await namesIn(root)).includes(PRICES)) await take(PRICES, PRICES);
  return { files: [...files.values()], problems };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => !IGNORED.test(name)).toSorted();
}

function problemsOf(file: SourceFile): readonly string[] {
  if (file.path === PRICES)
    return (parsePrices(file.text).problems ?? []).map(({ line, text }) => problemAt(file.source, line, text));
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
