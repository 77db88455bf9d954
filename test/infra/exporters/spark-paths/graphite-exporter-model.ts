import type { Mapping, Rule } from '../../../../infra/exporters/graphite/paths/render-mapping.ts';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly rule: Rule;
}

/** What becomes of a line: a sample, or why there is none. */
export type Taken = Sample | 'dropped' | 'unmatched' | 'malformed';

interface State {
  readonly transitions: Map<string, State>;
  result?: Rule;
  priority: number;
}

const newState = (): State => ({ transitions: new Map(), priority: 0 });

/** fsm.go, AddState. A state that a longer rule made before gets no result: the shorter rule is lost. */
function add(root: State, rule: Rule, priority: number): void {
  const fields = rule.match.split('.');
  let state = root;
  for (const [index, field] of fields.entries()) {
    let next = state.transitions.get(field);
    if (next === undefined) {
      next = newState();
      if (index === fields.length - 1) next.result = rule;
      state.transitions.set(field, next);
    }
    state = next;
  }
  state.priority = priority;
}

interface Match {
  readonly rule: Rule;
  readonly priority: number;
  readonly captures: readonly string[];
}

/** fsm.go, GetMapping, with ordering: every way through is tried, the rule that was added first wins. */
function matchGlobs(state: State, fields: readonly string[], captures: readonly string[] = []): readonly Match[] {
  const [field, ...rest] = fields;
  if (field === undefined) {
    return state.result === undefined ? [] : [{ rule: state.result, priority: state.priority, captures }];
  }
  const literal = state.transitions.get(field);
  const star = field === '*' ? undefined : state.transitions.get('*');
  return [
    ...(literal === undefined ? [] : matchGlobs(literal, rest, captures)),
    ...(star === undefined ? [] : matchGlobs(star, rest, [...captures, field])),
  ];
}

const matchRegex = (rules: readonly (readonly [Rule, RegExp])[], path: string): Match | undefined => {
  for (const [rule, regex] of rules) {
    const [, ...captures] = regex.exec(path) ?? [];
    if (captures.length > 0) return { rule, priority: 0, captures };
  }
  return undefined;
};

/** formatter.go: a number that there is no star for becomes nothing. */
const fill = (template: string, captures: readonly string[]): string =>
  template.replaceAll(/\$\{?(\d+)\}?/g, (_, number: string) => captures[Number(number) - 1] ?? '');

/**
 * What graphite_exporter 0.17.0 makes of a line (collector/collector.go, and pkg/mapper of statsd_exporter 0.30.0):
 * globs before regular expressions. Compared with the real one: test/nodes/graphite-mapping.test.ts.
 */
export function graphiteExporter({ mappings }: Mapping): (line: string) => Taken {
  const root = newState();
  for (const [priority, rule] of mappings.entries()) if (rule.match_type !== 'regex') add(root, rule, priority);
  const regexes = mappings
    .filter(({ match_type }) => match_type === 'regex')
    .map((rule) => [rule, new RegExp(rule.match)] as const);
  const match = (path: string): Match | undefined => {
    const [first, ...others] = matchGlobs(root, path.split('.'));
    if (first === undefined) return matchRegex(regexes, path);
    return others.reduce((best, other) => (other.priority < best.priority ? other : best), first);
  };
  return (line) => {
    const [path = '', value = '', time, ...more] = line.trim().split(' ');
    if (time === undefined || more.length > 0) return 'malformed';
    const found = match(path);
    if (found === undefined) return 'unmatched';
    const { rule, captures } = found;
    if (rule.action === 'drop') return 'dropped';
    const labels = Object.entries(rule.labels ?? {}).map(([label, template]) => [label, fill(template, captures)]);
    return {
      name: fill(rule.name, captures).replaceAll(/[^a-zA-Z0-9_:]/g, '_'),
      labels: Object.fromEntries(labels) as Record<string, string>,
      value: Number(value) * (rule.scale ?? 1),
      rule,
    };
  };
}

export const isSample = (taken: Taken): taken is Sample => typeof taken === 'object';

/** As on the page, with the labels in order. */
export const seriesOf = ({ name, labels }: Sample): string => {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${pairs.sort().join(',')}}`;
};
