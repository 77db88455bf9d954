/** Every figure with its bar, in one table: npm run bench [-- NAME…] */
import { spawnSync } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { prepare } from '../sandbox/demo/prepare.ts';
import { cacheFolder } from '../scripts/cache-folder.ts';
import { prepareHadoop } from '../scripts/prepare/prepare-hadoop.ts';
import { lockedExporter, readExportersLock } from '../scripts/exporters/exporters-lock.ts';
import { exportersFolder, prepareExporters } from '../scripts/prepare/prepare-exporters.ts';
import { nearest } from '../scripts/nearest.ts';
import { parseCommand } from '../scripts/parse-command.ts';
import { reportAndExit } from '../scripts/report-and-exit.ts';
import { prepareExporter as prepareJmxExporter } from '../sandbox/exporters/jmx.ts';
import { ConfigError } from '../shared/core/errors.ts';
import type { Figure } from './figure.ts';

/** What a program of the nodes' world, which has no network, needs from outside; it is told the answer. */
type Preparation = (cache: string) => Promise<unknown>;

const demo: Preparation = (cache) => prepare(cache, process.env);
const hadoop: Preparation = async (cache) => {
  await prepareHadoop(cache);
  await prepareJmxExporter(exportersFolder(cache));
};
const graphite: Preparation = async (cache) =>
  await prepareExporters(cache, { graphite: lockedExporter(await readExportersLock(), 'graphite') }, process.env);

/** One program each, so that none measures what another left in memory. */
const PROGRAMS: Readonly<Record<string, Preparation | 'outside'>> = {
  latency: demo,
  package: 'outside',
  lambda: 'outside',
  sidecar: 'outside',
  page: 'outside',
  boot: demo,
  jmx: hadoop,
  graphite,
  ec2: 'outside',
  plan: 'outside',
  sweep: 'outside',
  churn: 'outside',
  join: 'outside',
  flood: 'outside',
  cost: 'outside',
  dashboards: 'outside',
  rules: 'outside',
};

interface Row extends Figure {
  /** Of the minute before. */
  readonly load: string;
  readonly rerun: string;
}

const USAGE = `npm run bench [-- NAME…]

Takes the figures of docs/performance.md, all of them or those of the names, each on a quiet machine:
  ${Object.keys(PROGRAMS).join(', ')}`;

async function main(args: readonly string[]): Promise<number> {
  const { positionals: asked } = parseCommand({ args: [...args], allowPositionals: true, options: {} }, USAGE);
  const unknown = asked.filter((name) => !(name in PROGRAMS));
  const problems = unknown.map((name) => `no figure is named ${name}${nearest(name, Object.keys(PROGRAMS))}`);
  if (problems.length > 0) throw new ConfigError(`${problems.join('\n')}\n\n${USAGE}`);
  const names = asked.length > 0 ? asked : Object.keys(PROGRAMS);
  const rows: { readonly name: string; readonly rows: readonly Row[] | undefined }[] = [];
  for (const name of names) rows.push({ name, rows: await measure(name) });
  console.log(`${availableParallelism()} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}\n`);
  console.log(render(rows.flatMap((one) => one.rows ?? [])));
  const missing = rows.filter((one) => one.rows === undefined).map(({ name }) => name);
  if (missing.length > 0) console.error(`\nNot measured, see above: ${missing.join(', ')}`);
  return missing.length > 0 ? 1 : 0;
}

/** Undefined when the program could not take its figures. */
async function measure(name: string): Promise<readonly Row[] | undefined> {
  console.error(`— ${name}`);
  const preparation = PROGRAMS[name] ?? 'outside';
  const isOutside = preparation === 'outside';
  const prepared = isOutside ? '' : (JSON.stringify(await preparation(cacheFolder(process.env))) ?? '');
  const load = loadavg()[0]?.toFixed(1) ?? '';
  const world = isOutside ? [] : ['sandbox/nodes/enter.ts', '--', process.execPath];
  const { status, stdout } = spawnSync(process.execPath, [...world, `bench/${name}.ts`, prepared], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) return undefined;
  const figures = JSON.parse(stdout) as readonly Figure[];
  return figures.map((figure) => ({ ...figure, load, rerun: `npm run bench -- ${name}` }));
}

const COLUMNS: Readonly<Record<string, (row: Row) => string>> = {
  figure: ({ figure }) => figure,
  bar: ({ bar }) => bar,
  measured: ({ measured }) => measured,
  met: ({ met }) => (met ? 'yes' : 'NO'),
  'load before': ({ load }) => load,
  rerun: ({ rerun }) => `\`${rerun}\``,
};

/** Markdown, for docs/performance.md. */
function render(rows: readonly Row[]): string {
  const columns = Object.entries(COLUMNS).map(([heading, cell]) => [heading, ...rows.map(cell)]);
  const widths = columns.map((cells) => Math.max(...cells.map(({ length }) => length)));
  const line = (row: number): string =>
    `| ${columns.map((cells, column) => cells[row]?.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(0), rule, ...rows.map((_, index) => line(index + 1))].join('\n');
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  reportAndExit(error);
}
