interface AlertRule {
  readonly name: string;
  readonly state: 'firing' | 'pending' | 'inactive';
  readonly alerts: readonly { readonly annotations: Readonly<Record<string, string>> }[];
}

/** Of every alert that Prometheus knows, a line: what it is, and what it says where it is raised. */
export async function alertStates(prometheus: string): Promise<readonly string[]> {
  const response = await fetch(`${prometheus}/api/v1/rules?type=alert`);
  const { data } = (await response.json()) as {
    readonly data: { readonly groups: readonly { readonly rules: readonly AlertRule[] }[] };
  };
  const rules = data.groups.flatMap((group) => group.rules).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const width = Math.max(...rules.map(({ name }) => name.length));
  const ORDER = ['firing', 'pending', 'inactive'] as const;
  return ORDER.flatMap((wanted) =>
    rules
      .filter(({ state }) => state === wanted)
      .flatMap(({ name, state, alerts }) => [
        `${name.padEnd(width)}  ${state}`,
        ...alerts.map(({ annotations }) => `  ${annotations['summary']}`),
      ]),
  );
}
