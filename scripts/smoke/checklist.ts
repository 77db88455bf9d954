import { oneLine } from '../printable.ts';
import { counted } from '../text-table.ts';
import type { Result } from './run-checks.ts';

const MARKS = { ok: 'ok  ', skipped: 'skip', red: 'RED ' } as const;

/** One line, and for what is red one more for each problem and its remedy. */
export function renderResult(result: Result): string {
  const time = `${(result.milliseconds / 1000).toFixed(1)} s`.padStart(8);
  const head = `${MARKS[result.state]}${time}  ${result.id.padEnd(16)}  ${result.says}`;
  if (result.state !== 'red') return `${head}: ${oneLine(result.seen)}`;
  return [
    head,
    ...result.problems.flatMap(({ what, fix }) => [`      ✗ ${oneLine(what)}`, `        → ${oneLine(fix)}`]),
  ].join('\n');
}

export function renderSummary(results: readonly Result[], isInstall: boolean): string {
  const count = (state: Result['state']): number => results.filter((result) => result.state === state).length;
  const spent = results.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const isGreen = count('red') === 0;
  const next =
    isGreen && !isInstall ? ' Nothing was changed; with --install the exporters are ordered and waited for.' : '';
  return `\n${counted(results.length, 'check')} in ${(spent / 1000).toFixed(1)} s: ${count('ok')} ok, ${count('red')} red, ${count('skipped')} skipped.${next}`;
}
