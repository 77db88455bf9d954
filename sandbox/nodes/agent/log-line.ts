/** To the node's journal, through the unit's stdout. */
export const logLine = (message: string, fields: Readonly<Record<string, unknown>>): void => {
  const told = Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? String(value) : value]);
  process.stdout.write(`${JSON.stringify({ message, ...Object.fromEntries(told) })}\n`);
};
