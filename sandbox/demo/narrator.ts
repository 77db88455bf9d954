/** Turns what the functions log into lines for people; everything else of theirs stays in the log files. */
export interface Narrator {
  readonly logLine: (functionName: string, line: string) => void;
  readonly boot: (instanceId: string, milliseconds: number) => void;
}

interface LogLine {
  readonly level?: string;
  readonly message?: string;
  readonly action?: string;
  readonly node?: string;
  readonly nodes?: number;
  readonly exporter?: string;
  readonly reason?: string;
  readonly orderId?: string;
  readonly error?: { readonly name?: string; readonly message?: string };
}

export function narrator(say: (line: string) => void): Narrator {
  return {
    boot: (instanceId, milliseconds) => say(`  node ${instanceId} booted in ${milliseconds} ms`),
    logLine(functionName, line) {
      const told = describe(parse(line));
      if (told !== undefined) say(`  ${functionName.split('-').slice(4).join('-') || functionName}: ${told}`);
    },
  };
}

function describe({ level, message, ...fields }: LogLine): string | undefined {
  if (level === 'ERROR') return `${message}: ${fields.error?.name ?? ''} ${fields.error?.message ?? fields.reason ?? ''}`;
  if (message === 'order sent') return `order ${fields.orderId} sent to ${fields.nodes} nodes`;
  if (message === 'decided') return `${fields.action} ${fields.exporter ?? ''} ${fields.node ?? ''} (${fields.reason})`;
  return undefined;
}

function parse(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return {};
  }
}
