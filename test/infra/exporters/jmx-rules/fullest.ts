import { expand, type Bean, type DaemonRules } from '../../../../infra/exporters/jmx/rules/table.ts';
import { matchesObjectName } from './jmx-exporter-model.ts';
import type { Attribute } from './recordings.ts';

/** What the largest node has, by the bean that stands for it: the names of such beans. */
export type Many = readonly (readonly [objectName: string, names: readonly string[]])[];

const attributesOf = (of: Bean, bean: string): readonly Attribute[] =>
  of.metrics.flatMap(expand).map(({ attribute, text }) => ({
    bean,
    path: attribute,
    value: text === undefined ? 1 : text.pattern === '(\\w+)' ? 'active' : text.pattern,
  }));

/** Names that nobody has count, too: the bean itself with a word for each of its stars. */
const namesOf = ({ objectName }: Bean, given: readonly Attribute[], many: Many): readonly string[] => {
  const more = many.flatMap(([pattern, names]) => (pattern === objectName ? names : []));
  const recorded = given.map(({ bean }) => bean).filter((bean) => matchesObjectName(objectName, bean));
  const found = [...new Set([...recorded, ...more])];
  return found.length > 0 ? found : [objectName.replace(/,\*$/, '').replaceAll('*', 'x')];
};

/** A recording with everything that the table knows of: what newer or older Hadoop, HA or Spark add, and many beans. */
export function fullest({ beans }: DaemonRules, recorded: readonly Attribute[], many: Many): readonly Attribute[] {
  const all = beans.flatMap((of) => namesOf(of, recorded, many).flatMap((bean) => attributesOf(of, bean)));
  const known = new Set(recorded.map(({ bean, path }) => `${bean} ${path}`));
  const added = new Map(all.map((one) => [`${one.bean} ${one.path}`, one] as const));
  return [...recorded, ...[...added].flatMap(([key, one]) => (known.has(key) ? [] : [one]))];
}
