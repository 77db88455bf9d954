import { type Document, isAlias, isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { LABEL_NAME } from '../../shared/core/label-names.ts';

const COMMENT = /\{\{(?:-\s+)?\/\*[\s\S]*?\*\/(?:\s+-)?\}\}/.source;
/** Its texts may hold quotes and `}}`. */
const ACTION = /\{\{(?:"(?:\\.|[^"\\])*"|`[^`]*`|'(?:\\.|[^'\\])*'|[^"`'])*?\}\}/.source;
/** White space that text/template cuts off before `{{- `, and behind ` -}}`. */
const TRIMMED_BEFORE = /(?:(?<![ \t\r\n])[ \t\r\n]+(?=\{\{-[ \t\r\n]))?/.source;
const TRIMMED_BEHIND = /(?:(?<=[ \t\r\n]-\}\})[ \t\r\n]+)?/.source;
const TEMPLATE = new RegExp(`${TRIMMED_BEFORE}(?:${COMMENT}|${ACTION})${TRIMMED_BEHIND}`, 'g');
const NOT_ONE_LINE = /[\p{Cc}\u2028\u2029]/u;
/** An apostrophe is none. */
const QUOTES = /"|^'.*'$|^`.*`$/;

interface Labels {
  readonly document: Document;
  /** Prometheus writes the labels of recording rules as they stand. */
  readonly hasTemplates: boolean;
  readonly at: (node: unknown, words: string) => string;
}

/** Prometheus takes any text: one with quotes or of several lines can hardly be chosen, matched or routed by. */
export function labelProblems(map: YAMLMap, { document, hasTemplates, at }: Labels): readonly string[] {
  const resolved = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  const valueProblem = (name: string, node: unknown): string | undefined => {
    const found = resolved(node);
    if (found !== null && !isScalar(found)) return `label ${name} is a list or a map; expected text`;
    const text: unknown = found?.value ?? '';
    const value = String(text);
    const fixed = hasTemplates ? value.replaceAll(TEMPLATE, '') : value;
    const is = `label ${name} is ${JSON.stringify(value)}`;
    if (NOT_ONE_LINE.test(fixed))
      return `${is}; expected one line without control characters (>- makes one of several)`;
    return QUOTES.test(fixed) ? `${is}; expected text without quotes around or in it` : undefined;
  };
  const labelsOf = (node: unknown, within: readonly unknown[] = []): readonly string[] => {
    const labels = resolved(node);
    if (labels === undefined || (isScalar(labels) && labels.value === null)) return [];
    if (within.includes(labels)) return [at(node, 'labels: an alias of what it stands in')];
    if (within.length > 0 && isSeq(labels)) return labels.items.flatMap((item) => labelsOf(item, [...within, labels]));
    if (!isMap(labels)) return [at(node, 'labels: not a map of names and values')];
    return labels.items.flatMap(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : '';
      if (name === '<<') return labelsOf(value, [...within, labels]);
      if (!LABEL_NAME.test(name))
        return [
          at(key, `${JSON.stringify(name)} is no label name; expected letters, digits and _, not __ or a digit first`),
        ];
      const problem = valueProblem(name, value);
      return problem === undefined ? [] : [at(value ?? key, problem)];
    });
  };
  return labelsOf(map.get('labels', true));
}
