import { MINUTE, SECOND } from './time.ts';

/** A readable history; `add` costs nothing where nobody reads it. */
export interface Trace {
  readonly add: (line: () => string) => void;
  readonly lines: readonly string[];
}

export function createTrace(isKept: boolean, elapsed: () => number): Trace {
  const lines: string[] = [];
  return {
    lines,
    add(line) {
      if (isKept) lines.push(`${stamp(elapsed())}  ${line()}`);
    },
  };
}

/** `mm:ss.mmm` */
export const stamp = (ms: number): string =>
  `${two(ms / MINUTE)}:${two((ms % MINUTE) / SECOND)}.${String(ms % SECOND).padStart(3, '0')}`;

const two = (number: number): string => String(Math.floor(number)).padStart(2, '0');
