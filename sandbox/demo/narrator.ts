/** Tells people what happens, with the time since the last event of the account. */
export interface Narrator {
  /** Something begins that the account's owner does. */
  readonly chapter: (title: string) => void;
  /** The moment that latencies are counted from. */
  readonly event: (what: string) => void;
  readonly say: (line: string) => void;
  /** One line of a function's log: decisions, orders, results and errors are told. */
  readonly logLine: (functionName: string, line: string) => void;
}

interface LogLine {
  readonly level?: string;
  readonly message?: string;
  readonly action?: string;
  readonly node?: string;
  readonly nodes?: number;
  readonly exporter?: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly orderId?: string;
  readonly error?: { readonly name?: string; readonly message?: string };
}

export function narrator(print: (line: string) => void): Narrator {
  let zero = Date.now();
  const say = (line: string): void => print(`${`+${seconds(Date.now() - zero)}`.padStart(8)}  ${line}`);
  return {
    chapter(title) {
      print(`\n${title}`);
      zero = Date.now();
    },
    event(what) {
      zero = Date.now();
      say(what);
    },
    say,
    logLine(functionName, line) {
      const told = describe(parse(line));
      if (told !== undefined) say(`${functionName.replace(/^prometheus-on-emr-[^-]+-/, '')}: ${told}`);
    },
  };
}

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

function describe({ level, message, ...fields }: LogLine): string | undefined {
  const { action, exporter = '', node = '', reason = '', error } = fields;
  if (level === 'ERROR') return `${message}: ${error?.name ?? ''} ${error?.message ?? reason}`;
  switch (message) {
    case 'decided':
      return `${action} ${exporter} ${node} (${reason})`;
    case 'order sent':
      return `${fields.orderId} sent to ${fields.nodes} nodes`;
    case 'result':
      return `${exporter} on ${node}: ${fields.outcome} ${reason}`;
    default:
      return undefined;
  }
}

function parse(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return {};
  }
}
