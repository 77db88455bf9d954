import { readFileSync } from 'node:fs';

/** The rows of the table in a file's doc comment, without its heading: every line with an arrow, spaces made one. */
export function docTable(path: string): readonly string[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  const rows = lines.filter((line) => line.startsWith(' *   ') && line.includes('→'));
  return rows.slice(1).map((line) => line.replace(' * ', '').trim().replaceAll(/\s+/g, ' '));
}
