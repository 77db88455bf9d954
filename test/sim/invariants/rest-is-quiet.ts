/** What one sweep more did when everything was as it should be. */
export function restIsQuiet(effects: number, emrCalls: number): string | undefined {
  if (effects > 0) return `a sweep over a converged world wrote or sent ${effects} times`;
  return emrCalls > 0 ? `a sweep over a converged world asked EMR ${emrCalls} times` : undefined;
}
