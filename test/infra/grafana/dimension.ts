/** Powers of what is multiplied: `bytes` 1 and `seconds` -1 are bytes a second. A share has none. */
type Powers = Readonly<Record<string, number>>;

const SHARE: Powers = {};
/** What is written as a number takes the unit of what it is added to: `1 - up`. */
const NUMBER: Powers = {};
const SECONDS: Powers = { seconds: 1 };
/** What is counted: nodes, calls, blocks. */
const THINGS: Powers = { things: 1 };

function multiplied(one: Powers, other: Powers, power: 1 | -1): Powers {
  if (one === NUMBER && other === NUMBER) return NUMBER;
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  const powers = names.map((name) => [name, (one[name] ?? 0) + power * (other[name] ?? 0)] as const);
  return Object.fromEntries(powers.filter(([, sum]) => sum !== 0));
}

const perSecond = (powers: Powers): Powers => multiplied(powers, SECONDS, -1);

function added(one: Powers, other: Powers): Powers {
  if (one === NUMBER) return other;
  if (other === NUMBER || textOf(one) === textOf(other)) return one;
  throw new Error(`${textOf(one)} and ${textOf(other)} are added`);
}

/** What is compared or joined has the unit of the first. */
function combined(sign: string | undefined, one: Powers, other: Powers): Powers {
  switch (sign) {
    case '^':
      if (one !== NUMBER || other !== NUMBER) throw new Error('what ^ makes of a unit is not known here');
      return NUMBER;
    case '*':
      return multiplied(one, other, 1);
    case '/':
      return multiplied(one, other, -1);
    case '+':
    case '-':
      return added(one, other);
    default:
      return one;
  }
}

const ENDINGS: readonly (readonly [RegExp, Powers])[] = [
  [/_ratio$/, SHARE],
  [/_usd_per_hour$/, { dollars: 1 }],
  [/_per_second$/, perSecond(THINGS)],
  [/_bytes(_total)?$/, { bytes: 1 }],
  [/_seconds(_total)?$/, SECONDS],
];

/** By the rules that names of metrics follow: `node_disk_read_bytes_total`, `emr_cluster:yarn_memory_bytes:sum`. */
function ofName(name: string): Powers {
  if (name === 'ALERTS_FOR_STATE') return SECONDS;
  const [, recorded, operation = ''] = name.split(':');
  if (operation.includes('ratio')) return SHARE;
  if (operation.startsWith('count')) return THINGS;
  const powers = ENDINGS.find(([ending]) => ending.test(recorded ?? name))?.[1] ?? THINGS;
  return operation.includes('rate') ? perSecond(powers) : powers;
}

type Called = (given: readonly Powers[]) => Powers;
const first: Called = ([powers = SHARE]) => powers;
const last: Called = (given) => given.at(-1) ?? SHARE;
const rate: Called = (given) => perSecond(first(given));

const CALLED: ReadonlyMap<string, Called> = new Map([
  ...['rate', 'irate'].map((name) => [name, rate] as const),
  ...['count', 'count_over_time'].map((name) => [name, () => THINGS] as const),
  ['time', () => SECONDS],
  ...['topk', 'bottomk'].map((name) => [name, last] as const),
  ...['sum', 'max', 'min', 'avg', 'abs', 'scalar', 'clamp_min', 'increase', 'label_join'].map(
    (name) => [name, first] as const,
  ),
  ...['max', 'min', 'avg', 'sum', 'last'].map((name) => [`${name}_over_time`, first] as const),
]);

/** From those that bind least to those that bind most. */
const OPERATORS = [/^or$/, /^(and|unless)$/, /^([=!]=|[<>]=?)$/, /^[+-]$/, /^[*/]$/, /^\^$/] as const;

/** What says which series there are, over what time and how they find each other has no unit. */
const tokensOf = (expr: string): string[] =>
  expr
    .replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/\{[^{}]*\}|\[[^[\]]*\]|@ end\(\)/g, ' ')
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right) ?\([^()]*\)|\bbool\b/g, ' ')
    .match(/[\w:.]+|""|[=!<>]=|[^\s\w]/g) ?? [];

function powersOf(expr: string): Powers {
  const tokens = tokensOf(expr);

  function taken(expected: string): boolean {
    if (tokens[0] !== expected) return false;
    tokens.shift();
    return true;
  }

  function operation(level: number): Powers {
    const operator = OPERATORS[level];
    if (operator === undefined) return operand();
    let powers = operation(level + 1);
    while (operator.test(tokens[0] ?? '')) {
      const sign = tokens.shift();
      powers = combined(sign, powers, operation(level + 1));
    }
    return powers;
  }

  function operand(): Powers {
    if (taken('-')) return operand();
    if (taken('(')) return last(list());
    const name = tokens.shift() ?? '';
    if (/^[\d.]+$|^""$/.test(name)) return NUMBER;
    if (!taken('(')) return ofName(name);
    const called = CALLED.get(name);
    if (!called) throw new Error(`what ${name}() makes of a unit is not known here`);
    return called(list());
  }

  /** Up to the bracket that closes. */
  function list(): readonly Powers[] {
    if (taken(')')) return [];
    const given = [operation(0)];
    while (taken(',')) given.push(operation(0));
    if (!taken(')')) throw notUnderstood();
    return given;
  }

  const notUnderstood = () => new Error(`not understood from "${tokens.join(' ')}"`);
  const powers = operation(0);
  if (tokens.length > 0) throw notUnderstood();
  return powers;
}

function textOf(powers: Powers): string {
  const entries = Object.entries(powers);
  const named = (wanted: (power: number) => boolean) =>
    entries.flatMap(([name, power]) => (wanted(power) ? Array.from({ length: Math.abs(power) }, () => name) : []));
  const [above, below] = [named((power) => power > 0), named((power) => power < 0)];
  if (entries.length === 0) return 'share';
  return [above.toSorted().join('*') || '1', ...below.toSorted()].join('/');
}

/** What an expression's values are, by the names in it: `bytes`, `bytes/seconds`, `things`; `share` of nothing. */
export const dimensionOf = (expr: string): string => textOf(powersOf(expr));
