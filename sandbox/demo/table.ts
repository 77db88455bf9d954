import { seconds } from './narrator.ts';
import type { Outcome } from './story.ts';

/** What happened, how long it took, and what every target's labels were. */
export function renderOutcome({ chapters, labels }: Outcome): string {
  const width = Math.max(...chapters.map(({ title }) => title.length));
  const rows = chapters.map(
    ({ title, milliseconds, targets }) =>
      `${title.padEnd(width)}  ${seconds(milliseconds).padStart(7)}  ${String(targets).padStart(7)}`,
  );
  const targets = [...labels].map(
    ([node, own]) =>
      `\n${node}\n${Object.entries(own)
        .map(([name, value]) => `  ${name}="${value}"`)
        .join('\n')}`,
  );
  return ['', `${'what happened'.padEnd(width)}  ${'took'.padStart(7)}  targets`, ...rows, ...targets].join('\n');
}
