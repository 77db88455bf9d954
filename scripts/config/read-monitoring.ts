import { readFile } from 'node:fs/promises';
import { LineCounter, isMap, parseDocument, type Document, type Scalar } from 'yaml';
import type { CatalogueEntry } from '../../shared/core/catalogue.ts';
import { ConfigError } from '../../shared/core/errors.ts';
import type { Monitoring } from '../../shared/core/monitoring.ts';
import { parseMonitoring, type Problem } from '../../shared/core/parse-monitoring.ts';
import { nearest } from '../nearest.ts';

/** Reads monitoring.yml whole; a ConfigError names every problem with line, path, value and expectation. */
export async function readMonitoring(file: string, catalogue: readonly CatalogueEntry[]): Promise<Monitoring> {
  return parseMonitoringText(await readFile(file, 'utf8').catch(missing(file)), file, catalogue);
}

export function parseMonitoringText(text: string, file: string, catalogue: readonly CatalogueEntry[]): Monitoring {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw toError(
      file,
      faults.map(({ message, pos }) => `line ${lineCounter.linePos(pos[0]).line}: not valid YAML: ${message}`),
    );
  }
  const parsed = parseMonitoring(document.toJS(), catalogue);
  if ('monitoring' in parsed) return parsed.monitoring;
  const lines = parsed.problems.map((problem) => {
    const line = lineCounter.linePos(offsetOf(document, problem.path)).line;
    return { line, text: `line ${line}: ${inWords(problem)}` };
  });
  throw toError(
    file,
    lines.sort((a, b) => a.line - b.line).map((entry) => entry.text),
  );
}

function inWords({ path, value, expected, known = [] }: Problem): string {
  const key = String(path.at(-1));
  const shown = JSON.stringify(value) ?? 'nothing';
  return `${path.join('.') || 'the file'} is ${shown}; expected ${expected}${nearest(key, known)}`;
}

/** Where the key stands; of something that is missing, where its parent stands. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent: unknown = document.getIn(path.slice(0, length - 1), true);
    const key = isMap<Scalar>(parent)
      ? parent.items.find((pair) => pair.key.value === path[length - 1])?.key
      : undefined;
    if (key?.range) return key.range[0];
  }
  return 0;
}

const toError = (file: string, problems: readonly string[]) =>
  new ConfigError(
    `${file}: ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}\n${problems.map((line) => `  ${line}`).join('\n')}`,
  );

const missing = (file: string) => (cause: unknown) => {
  throw new ConfigError(`${file} cannot be read: it is the one file that says what is watched`, { cause });
};
