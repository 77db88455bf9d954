/** Powers of what is multiplied: `bytes` 1 and `seconds` -1 are bytes a second. A share has none. */
type Powers = Readonly<Record<string, number>>;

const SHARE: Powers = {};
const SECONDS: Powers = { seconds: 1 };
/** What is counted: nodes, calls, blocks. */
const THINGS: Powers = { things: 1 };

function multiplied(one: Powers, other: Powers, power: 1 | -1): Powers {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  const powers = names.map((name) => [name, (one[name] ?? 0) + power * (other[name] ?? 0)] as const);
  return Object.fromEntries(powers.filter(([, sum]) => sum !== 0));
}

const perSecond = (powers: Powers): Powers => multiplied(powers, SECONDS, -1);

const ENDINGS: readonly (readonly [RegExp, Powers])[] = [
  [/_ratio$/, SHARE],
  [/_usd_per_hour$/, { dollars: 1 }],
  [/_per_second$/, perSecond(THINGS)],
  [/_bytes(_total)?$/, { bytes: 1 }],
  [/_seconds(_total)?$/, SECONDS],
];

/** By the rules that names of metrics follow: `node_disk_read_bytes_total`, `emr_cluster:yarn_memory_bytes:sum`. */
function ofName(name: string): Powers {
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

class Reader {
  readonly #tokens: string[];

  constructor(expr: string) {
    this.#tokens = tokensOf(expr);
  }

  whole(): Powers {
    const powers = this.#operation(0);
    if (this.#tokens.length > 0) throw new Error(`not understood from "${this.#tokens.join(' ')}"`);
    return powers;
  }

  #taken(expected: string): boolean {
    if (this.#tokens[0] !== expected) return false;
    this.#tokens.shift();
    return true;
  }

  /** What is compared or joined has the unit of the first, what is added of the first that is no number: `1 - up`. */
  #operation(level: number): Powers {
    const operator = OPERATORS[level];
    if (operator === undefined) return this.#operand();
    let powers = this.#operation(level + 1);
    while (operator.test(this.#tokens[0] ?? '')) {
      const sign = this.#tokens.shift();
      const other = this.#operation(level + 1);
      if (sign === '*' || sign === '/') powers = multiplied(powers, other, sign === '*' ? 1 : -1);
      if ((sign === '+' || sign === '-') && powers === SHARE) powers = other;
    }
    return powers;
  }

  #operand(): Powers {
    if (this.#taken('-')) return this.#operand();
    if (this.#taken('(')) return last(this.#list());
    const name = this.#tokens.shift() ?? '';
    if (/^[\d.]+$|^""$/.test(name)) return SHARE;
    if (!this.#taken('(')) return ofName(name);
    const called = CALLED.get(name);
    if (!called) throw new Error(`what ${name}() makes of a unit is not known here`);
    return called(this.#list());
  }

  /** Up to the bracket that closes. */
  #list(): readonly Powers[] {
    const list: Powers[] = [];
    while (!this.#taken(')')) {
      if (this.#tokens.length === 0) throw new Error('a bracket is not closed');
      list.push(this.#operation(0));
      this.#taken(',');
    }
    return list;
  }
}

/** What an expression's values are, by the names in it: `bytes`, `bytes/seconds`, `things`; `share` of nothing. */
export function dimensionOf(expr: string): string {
  const powers = Object.entries(new Reader(expr).whole());
  const named = (wanted: (power: number) => boolean) =>
    powers.flatMap(([name, power]) => (wanted(power) ? Array.from({ length: Math.abs(power) }, () => name) : []));
  const [above, below] = [named((power) => power > 0), named((power) => power < 0)];
  if (powers.length === 0) return 'share';
  return [above.join('*') || '1', ...below].join('/');
}
