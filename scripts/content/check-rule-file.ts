import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { nearest } from '../nearest.ts';
import { labelProblems } from './check-labels.ts';
import { problemAt, type SourceFile } from './content-file.ts';

// prometheus/model/rulefmt: RuleGroups, RuleGroup, Rule; a key that it does not know refuses the file.
const FILE = ['groups'];
const GROUP = ['name', 'interval', 'query_offset', 'limit', 'rules', 'labels'];
const RULE = ['record', 'alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'];

// prometheus/common/model: ParseDuration.
const DURATION = /^(0|(?=.)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?)$/;
const DURATIONS = ['interval', 'query_offset', 'for', 'keep_firing_for'];

/** What can be told of a rule file without promtool, which alone reads expressions: its form. */
export function ruleFileProblems({ source, text }: SourceFile): readonly string[] {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const lineOf = (offset: number | undefined): number => lineCounter.linePos(offset ?? 0).line;
  const at = (node: unknown, words: string): string =>
    problemAt(source, lineOf((node as Node | null)?.range?.[0]), words);
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0)
    return faults.map(({ message, pos }) => problemAt(source, lineOf(pos[0]), `not valid YAML: ${message}`));

  const keys = (map: YAMLMap, known: readonly string[], what: string): readonly string[] =>
    map.items.flatMap(({ key }) => {
      const name = isScalar(key) ? String(key.value) : '';
      return known.includes(name) ? [] : [at(key, `${name} is no key of ${what}${nearest(name, known)}`)];
    });
  const each = (parent: YAMLMap, key: string, check: (item: YAMLMap) => readonly string[]): readonly string[] => {
    const list = parent.get(key, true);
    if (!isSeq(list)) return [at(list ?? parent, `${key} is not a list`)];
    return list.items.flatMap((item) => (isMap(item) ? check(item) : [at(item, `${key}: not a map of keys`)]));
  };
  const durations = (map: YAMLMap): readonly string[] =>
    DURATIONS.flatMap((key) => {
      const node: unknown = map.get(key, true);
      const length = isAlias(node) ? node.resolve(document) : node;
      if (length === undefined || (isScalar(length) && length.value === null)) return [];
      const words = isScalar(length) ? String(length.value) : 'a list or a map';
      return DURATION.test(words) ? [] : [at(node, `${key} is "${words}"; expected 30s, 5m, 1h30m, 2d`)];
    });
  const rule = (item: YAMLMap): readonly string[] => [
    ...keys(item, RULE, 'a rule'),
    ...durations(item),
    ...labelProblems(item, { document, hasTemplates: item.has('alert'), at }),
    ...(item.has('alert') === item.has('record') ? [at(item, 'a rule has either alert or record')] : []),
    ...(item.has('expr') ? [] : [at(item, 'a rule needs an expr')]),
  ];
  const group = (item: YAMLMap): readonly string[] => [
    ...keys(item, GROUP, 'a group'),
    ...durations(item),
    ...labelProblems(item, { document, hasTemplates: true, at }),
    ...(item.has('name') ? [] : [at(item, 'a group needs a name')]),
    ...each(item, 'rules', rule),
  ];
  const { contents } = document;
  if (!isMap(contents)) return [problemAt(source, 1, 'expected groups: with a list of groups of rules')];
  const problems = [...keys(contents, FILE, 'a rule file'), ...each(contents, 'groups', group)];
  // What an alias repeats is wrong once.
  return [...new Set(problems)];
}

/** Our alerts name a path of this repository: people read it where the parameter runbookUrl says. */
export const withRunbooks = (text: string, runbookUrl: string): string =>
  text.replaceAll(/(\brunbook_url: *['"]?)docs\/runbooks\//g, (_, before: string) => `${before}${runbookUrl}/`);
