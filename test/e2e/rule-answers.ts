interface Rule {
  readonly type: 'alerting' | 'recording';
  readonly name: string;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
  readonly state?: 'firing' | 'pending' | 'inactive';
}

/** What Prometheus's rules have come to. */
export interface RuleAnswers {
  /** Of rules that could not be evaluated, or never were. */
  readonly errors: readonly string[];
  /** Series of every recorded name, by that name. */
  readonly recorded: ReadonlyMap<string, number>;
  /** Alerts that are pending or fire. */
  readonly raised: readonly { readonly name: string; readonly state: string }[];
}

export async function readRules(url: string): Promise<RuleAnswers> {
  const rules = await get<{ readonly groups: readonly { readonly rules: readonly Rule[] }[] }>(url, 'rules');
  const all = rules.groups.flatMap((group) => group.rules);
  const recorded = new Map<string, number>();
  for (const { name } of all.filter(({ type }) => type === 'recording')) {
    const query = encodeURIComponent(`count({__name__="${name}"})`);
    const { result } = await get<{ readonly result: readonly { readonly value: readonly [number, string] }[] }>(
      url,
      `query?query=${query}`,
    );
    recorded.set(name, Number(result[0]?.value[1] ?? 0));
  }
  return {
    errors: all
      .filter(({ health }) => health !== 'ok')
      .map(({ name, health, lastError }) => `${name}: ${lastError ?? health}`),
    recorded,
    raised: all.flatMap(({ name, state = 'inactive' }) => (state === 'inactive' ? [] : [{ name, state }])),
  };
}

async function get<T>(url: string, path: string): Promise<T> {
  const response = await fetch(`${url}/api/v1/${path}`);
  return ((await response.json()) as { readonly data: T }).data;
}
