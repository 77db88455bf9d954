import type { Rule, RulesFile } from '../../../../infra/exporters/jmx/rules/render-yaml.ts';
import type { Attribute, Value } from './recordings.ts';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly type: string;
  readonly help: string;
  readonly value: number;
  readonly attribute: Attribute;
  readonly rule: Rule;
}

interface Scrape {
  readonly samples: readonly Sample[];
  /** How many times an attribute was held against a rule. */
  readonly comparisons: number;
}

/** ObjectName.apply: the same keys (or more, with a `*` among them), and values in which `*` stands for anything. */
export function matchesObjectName(pattern: string, name: string): boolean {
  const [domain = '', wanted = ''] = pattern.split(/:(.*)/s);
  const [ofDomain = '', keys = ''] = name.split(/:(.*)/s);
  const given = new Map(keys.split(',').map((key) => split(key)));
  const properties = wanted.split(',').filter((key) => key !== '*');
  const isOpen = properties.length < wanted.split(',').length;
  if (domain !== ofDomain || (!isOpen && properties.length !== given.size)) return false;
  return properties.every((property) => {
    const [key, glob] = split(property);
    return given.has(key) && globs(glob).test(given.get(key) ?? '');
  });
}

const split = (property: string): readonly [string, string] => {
  const at = property.indexOf('=');
  return [property.slice(0, at), property.slice(at + 1)];
};

const globs = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );

/** What JmxScraper reads: the beans asked for, without those excluded and without the attributes excluded. */
const isReadBean = (file: RulesFile, bean: string): boolean =>
  file.includeObjectNames.some((name) => matchesObjectName(name, bean)) &&
  !(file.excludeObjectNames ?? []).some((name) => matchesObjectName(name, bean));

const isReadAttribute = (file: RulesFile, { bean, path }: Attribute): boolean =>
  !(file.excludeObjectNameAttributes?.[bean] ?? []).includes(path.split(':')[0] ?? '');

/** JmxCollector.recordBean: the text that patterns are held against. */
export function matchName({ bean, path, value }: Attribute): string {
  const [domain = '', keys = ''] = bean.split(/:(.*)/s);
  const [attribute = '', key] = path.split(':');
  const composite = key === undefined ? '' : attribute;
  return `${domain}<${keys.split(',').join(', ')}><${composite}>${key ?? attribute}: ${value}`;
}

/** Matcher.replaceAll of a match of the whole text: `$n` is a group. */
const fill = (template: string, groups: readonly (string | undefined)[]): string =>
  template.replaceAll(/\$(\d)/g, (_, group: string) => groups[Number(group)] ?? '');

/** PrometheusNaming.sanitizeMetricName: reserved endings are taken off, until there is none. */
const withoutReservedEndings = (name: string): string =>
  /_(total|created|bucket|info)$/.test(name)
    ? withoutReservedEndings(name.replace(/_(total|created|bucket|info)$/, ''))
    : name;

const numberOf = (value: Value, rule: Rule): number | undefined => {
  if (rule.value !== undefined) return Number(rule.value) * (rule.valueFactor ?? 1);
  if (typeof value === 'number') return value * (rule.valueFactor ?? 1);
  return typeof value === 'boolean' ? Number(value) : undefined;
};

function sample(attribute: Attribute, rule: Rule, groups: readonly (string | undefined)[]): readonly Sample[] {
  const value = numberOf(attribute.value, rule);
  const name = fill(rule.name, groups).toLowerCase().replaceAll(/_+/g, '_');
  if (name === '' || value === undefined) return [];
  const base = withoutReservedEndings(name);
  const labels = Object.entries(rule.labels ?? {}).map(([key, template]) => [key, fill(template, groups)] as const);
  return [
    {
      name: rule.type === 'COUNTER' ? `${base}_total` : base,
      labels: Object.fromEntries(labels.filter(([, text]) => text !== '')),
      type: rule.type ?? 'UNKNOWN',
      help: fill(rule.help ?? '', groups),
      value,
      attribute,
      rule,
    },
  ];
}

/** `^.*(?:PATTERN).*$`: what comes before a pattern that begins with `^` is nothing, and slow to find. */
const whole = (pattern: string): RegExp =>
  new RegExp(pattern.startsWith('^') ? `^(?:${pattern}).*$` : `^.*(?:${pattern}).*$`);

/**
 * What jmx_exporter 1.0.1 and 1.6.0 answer (JmxScraper, JmxCollector.Receiver.recordBean, MatchedRule): the first rule
 * that matches decides, an empty name drops the attribute. Compared with the real one: test/nodes/hadoop-daemons.test.ts.
 */
export function scrape(file: RulesFile, attributes: readonly Attribute[]): Scrape {
  const rules = file.rules.map((rule) => ({ rule, regex: whole(rule.pattern) }));
  let comparisons = 0;
  const beans = new Set(attributes.map(({ bean }) => bean).filter((bean) => isReadBean(file, bean)));
  const samples = attributes
    .filter((attribute) => beans.has(attribute.bean) && isReadAttribute(file, attribute))
    .flatMap((attribute) => {
      const text = matchName(attribute);
      for (const { rule, regex } of rules) {
        comparisons++;
        const groups = regex.exec(text);
        if (groups) return sample(attribute, rule, groups);
      }
      return [];
    });
  return { samples, comparisons };
}
