import { readFileSync } from 'node:fs';

/** The rows of the table in a file's doc comment, without its heading: every line with an arrow, spaces made one. */
export function docTable(path: string): readonly string[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  const rows = lines.filter((line) => line.startsWith(' *   ') && line.includes('→'));
  return rows.slice(1).map((line) => line.replace(' * ', '').trim().replaceAll(/\s+/g, ' '));
}

/** The entries of the list in a file's doc comment, each a word and what it means, on one line or more. */
export function docList(path: string): readonly string[] {
  const text = readFileSync(path, 'utf8').replaceAll(/\n \* {6,}/g, ' ');
  return [...text.matchAll(/^ \* {3}(\w+ {2,}.+)$/gm)].map(([, entry = '']) => entry.replaceAll(/\s+/g, ' '));
}
