import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import * as z from 'zod/mini';
import { DASHBOARD_UID } from '../../shared/core/content.ts';
import { jsonErrorLine } from '../../shared/core/json-line.ts';
import { nearest } from '../nearest.ts';
import { problemAt, type SourceFile } from './content-file.ts';

const dashboard = z.object(
  {
    uid: z.string('a text expected'),
    title: z.string('a text expected').check(z.minLength(1, 'a text expected')),
    panels: z.array(z.unknown(), 'a list of panels expected').check(z.minLength(1, 'a list of panels expected')),
    templating: z.optional(z.object({ list: z.array(z.object({ name: z.string() })) })),
  },
  'the JSON model of a dashboard expected',
);

/** `$name`, `${name}`, `${name:format}`, `[[name]]`; `$1` is of a regular expression, `$__name` Grafana's own. */
const VARIABLE = /(?:\$\{?|\[\[)([a-zA-Z_]\w*)/g;

/** What Grafana would show as an empty or broken dashboard, or not load at all. */
export function dashboardProblems({ source, path, text }: SourceFile): readonly string[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const words = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error);
    return [problemAt(source, jsonErrorLine(text), `not JSON: ${words}`)];
  }
  const lineAt = placesIn(text);
  const { data, error } = dashboard.safeParse(json);
  if (data === undefined)
    return error.issues.map(({ path: at, message }) =>
      problemAt(source, lineAt(at), `${at.join('.') || 'the file'}: ${message}`),
    );
  const file = path.slice('dashboards/'.length, -'.json'.length);
  const uid = JSON.stringify(data.uid);
  const defined = data.templating?.list.map(({ name }) => name) ?? [];
  const twice = defined.flatMap((name, index) => (defined.indexOf(name) === index ? [] : [{ name, index }]));
  return [
    ...(data.uid === file
      ? []
      : [problemAt(source, lineAt(['uid']), `uid is ${uid}, the file ${file}.json: give both one name`)]),
    ...(DASHBOARD_UID.test(file)
      ? []
      : [problemAt(source, 1, `${file} is no uid: at most 40 letters, digits, - and _`)]),
    ...twice.map(({ name, index }) =>
      problemAt(source, lineAt(['templating', 'list', index, 'name']), `the variable ${name} is defined twice`),
    ),
    ...variableProblems(json, defined).map(({ keys, words }) => problemAt(source, lineAt(keys), words)),
  ];
}

/** Where the value of these keys stands; of one that is not there, the innermost that is. JSON is YAML, whose reader tells places. */
function placesIn(text: string): (keys: readonly PropertyKey[]) => number {
  const lineCounter = new LineCounter();
  let document: Document | undefined;
  return function lineAt(keys): number {
    document ??= parseDocument(text, { lineCounter, logLevel: 'silent', uniqueKeys: false });
    const found = document.getIn(keys, true);
    if (isNode(found)) return lineCounter.linePos(found.range?.[0] ?? 0).line;
    return keys.length === 0 ? 1 : lineAt(keys.slice(0, -1));
  };
}

interface VariableProblem {
  readonly keys: readonly string[];
  readonly words: string;
}

function variableProblems(json: unknown, defined: readonly string[]): readonly VariableProblem[] {
  const problems = new Map<string, VariableProblem>();
  for (const { name, keys, isRead } of usedIn(json)) {
    if (name.startsWith('__') || defined.includes(name) || problems.has(name)) continue;
    // Grafana leaves there what it does not know: somebody's $HOME, unless it is one of ours with a slip.
    if (isRead && nearest(name, defined) === '') continue;
    // What "Export for sharing externally" writes is filled in by the import dialogue, never by provisioning.
    const fix = name.startsWith('DS_')
      ? 'export it without "sharing externally", with a variable for its data source'
      : `define it (templating.list)${nearest(name, defined)}`;
    problems.set(name, { keys, words: `there is no variable ${name}: ${fix}` });
  }
  return [...problems.values()];
}

interface Used {
  readonly name: string;
  /** Where in the dashboard. */
  readonly keys: readonly string[];
  /** By people only. */
  readonly isRead: boolean;
}

/** Every variable that a text of the dashboard names, and those by which panels and rows repeat. */
function* usedIn(value: unknown, keys: readonly string[] = []): Generator<Used> {
  if (typeof value === 'string') {
    const key = keys.at(-1);
    // What a panel of text says may be a shell's; Grafana leaves there what it does not know.
    if (key === 'content') return;
    if (key === 'repeat' && value !== '') yield { name: value, keys, isRead: false };
    for (const [, name = ''] of value.matchAll(VARIABLE))
      yield { name, keys, isRead: key === 'title' || key === 'description' };
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* usedIn(inner, [...keys, key]);
  }
}
