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

/** What the functions' messages have in fields: shared/reconcile.ts, shared/execute.ts, shared/refused.ts. */
interface LogLine {
  readonly level?: string;
  readonly message?: string;
  readonly clusterId?: string;
  readonly action?: string;
  readonly node?: string;
  readonly nodes?: number;
  readonly exporter?: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly policy?: string;
  readonly because?: string;
  readonly orderId?: string;
  readonly error?: { readonly name?: string; readonly message?: string };
  /** A metric. */
  readonly DoorbellsPutOff?: number;
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

function describe(line: LogLine): string | undefined {
  if (line.DoorbellsPutOff !== undefined) return PUT_OFF;
  const tell = TOLD[line.message ?? ''];
  if (tell !== undefined) return tell(line);
  return line.level === 'ERROR' || line.level === 'WARN' ? complaint(line) : undefined;
}

export const PUT_OFF = 'EMR is asked later: our share of its quotas is spent';

const TOLD: Readonly<Record<string, (line: LogLine) => string>> = {
  decided: (line) => `${what(line)} (${line.reason})`,
  'order sent': ({ orderId, nodes }) => `${orderId} sent to ${nodes === 1 ? 'one node' : `${nodes} nodes`}`,
  result: ({ exporter, node, outcome, reason }) => words(`${exporter} on ${node}:`, outcome, reason && `(${reason})`),
  'refused by policy': (line) => `${line.policy} refuses: ${what(line)} (${line.reason}), for ${line.because}`,
};

const what = ({ action, exporter, node, clusterId }: LogLine): string => words(action, exporter, node ?? clusterId);

/** `record unreadable`, `cluster unknown to EMR`, `doorbell not put off`, and whatever else goes wrong. */
const complaint = ({ message, clusterId, exporter, node, reason, error }: LogLine): string =>
  words(`${message}:`, clusterId, exporter, node, error && `${error.name}: ${error.message}`, reason);

const words = (...all: readonly (string | undefined)[]): string => all.filter(Boolean).join(' ');

function parse(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return {};
  }
}
