import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod/mini';
import type { Market } from './model.ts';

export interface Price {
  readonly instanceType: string;
  readonly region: string;
  readonly market: Market;
  readonly usdPerHour: number;
}

interface LineProblem {
  readonly line: number;
  /** What is wrong, and what is right. */
  readonly text: string;
}

type PriceFile =
  | { readonly prices: readonly Price[]; readonly problems?: never }
  | { readonly problems: readonly LineProblem[] };

const COLUMNS = ['instance_type', 'region', 'market', 'usd_per_hour'] as const;
/** Every instance type of three Regions in both markets is some 5,000; each row is a series. */
const MAX_ROWS = 5000;
/** The dearest instance that EC2 lists costs some 400. */
const MAX_PRICE = 1000;

const expected = {
  instance_type: 'an instance type, for example m5.xlarge',
  region: 'a Region, for example eu-west-1',
  market: 'ON_DEMAND or SPOT',
  usd_per_hour: `US dollars per hour with a decimal point, 0 to ${MAX_PRICE}, for example 0.192`,
} as const;

const row = z.object({
  instance_type: z.string().check(z.regex(/^[a-z0-9-]+\.[a-z0-9-]+$/)),
  region: z.string().check(z.regex(/^[a-z]{2,}(-[a-z]+)+-\d$/)),
  market: z.enum(['ON_DEMAND', 'SPOT']),
  usd_per_hour: z.string().check(
    z.regex(/^\d+(\.\d+)?$/),
    z.refine((text) => Number(text) <= MAX_PRICE),
  ),
});

/** What prices.csv says (docs/prices.md), or everything that is wrong with it. */
export function parsePrices(
  text: string,
  /** What is wrong with the name of a Region, for who knows them all. */
  regionProblem: (region: string) => string | undefined = () => undefined,
): PriceFile {
  const read = readRows(text);
  if ('problems' in read) return read;
  const [header, ...rows] = read.rows;
  const isHeader = header?.cells.join() === COLUMNS.join();
  const found = header === undefined ? 'nothing' : JSON.stringify(header.cells.join());
  if (!isHeader) return refused(header?.line ?? 1, `the first row is ${found}; expected ${COLUMNS.join()}`);
  const over = rows[MAX_ROWS];
  if (over !== undefined) return refused(over.line, `more than ${MAX_ROWS} prices; leave out what no cluster uses`);
  const lines = rows.map(({ line, cells }) => ({ line, ...toPrice(cells, regionProblem) }));
  const prices = lines.flatMap(({ line, price }) => (price === undefined ? [] : [{ line, ...price }]));
  const problems = [
    ...lines.flatMap(({ line, wrong = [] }) => wrong.map((words) => ({ line, text: words }))),
    ...repeated(prices),
  ].toSorted((a, b) => a.line - b.line);
  return problems.length > 0 ? { problems } : { prices: prices.map(({ line: _line, ...price }) => price) };
}

const refused = (line: number, text: string): PriceFile => ({ problems: [{ line, text }] });

function repeated(prices: readonly (Price & { readonly line: number })[]): readonly LineProblem[] {
  const seen = new Map<string, number>();
  return prices.flatMap(({ instanceType, region, market, line }) => {
    const key = `${instanceType} ${region} ${market}`;
    const before = seen.get(key);
    if (before === undefined) seen.set(key, line);
    return before === undefined ? [] : [{ line, text: `${key} has a price in line ${before}; keep one of them` }];
  });
}

interface Row {
  /** Its first. */
  readonly line: number;
  readonly cells: readonly string[];
}

const NO_ROW = /^\s*(#|$)/;

function readRows(text: string): { readonly rows: readonly Row[] } | { readonly problems: readonly LineProblem[] } {
  // The parser takes CR LF in a quoted cell for two lines.
  const lines = text.split(/\r\n?|\n/);
  const rows: Row[] = [];
  let end = 0;
  const nextRow = (): number => {
    let line = end;
    while (NO_ROW.test(lines[line] ?? 'a row')) line += 1;
    return line + 1;
  };
  try {
    parse(lines.join('\n'), {
      bom: true,
      comment: '#',
      comment_no_infix: true,
      on_record: (cells: readonly string[], info) => {
        rows.push({ line: nextRow(), cells });
        end = info.lines;
      },
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
    return { rows };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { problems: [{ line: nextRow(), text: `not CSV: ${error.message}; no cell needs quotes` }] };
  }
}

interface Read {
  readonly price?: Price;
  readonly wrong?: readonly string[];
}

function toPrice(cells: readonly string[], regionProblem: (region: string) => string | undefined): Read {
  if (cells.length !== COLUMNS.length)
    return {
      wrong: [`${cells.length} columns; expected ${COLUMNS.length}: ${COLUMNS.join()} (a decimal point, no comma)`],
    };
  const { data, error } = row.safeParse(Object.fromEntries(COLUMNS.map((name, index) => [name, cells[index]])));
  if (data !== undefined) {
    const { instance_type: instanceType, region, market, usd_per_hour: usd } = data;
    const problem = regionProblem(region);
    if (problem !== undefined) return { wrong: [`region is "${region}": ${problem}`] };
    return { price: { instanceType, region, market, usdPerHour: Number(usd) } };
  }
  const wrong = new Set(error.issues.map(({ path }) => path[0] as (typeof COLUMNS)[number]));
  return {
    wrong: [...wrong].map(
      (name) => `${name} is ${JSON.stringify(cells[COLUMNS.indexOf(name)])}; expected ${expected[name]}`,
    ),
  };
}
