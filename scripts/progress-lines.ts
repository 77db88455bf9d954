import type { Progress } from './exporters/fetch-artifact.ts';

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const EVERY_MS = 500;

/**
 * Tells a person how far a transfer is: on a terminal in one line that is written anew, elsewhere (a log) in one line
 * per tenth. Never more often than twice a second.
 */
export function progressLines(terminal: Terminal, now: () => number = Date.now): (progress: Progress) => void {
  let current = '';
  let begun = 0;
  let from = 0;
  let toldAt = 0;
  let tenths = 0;
  return ({ step, file, at, done, total }) => {
    const isNew = `${step} ${file} ${at}` !== current;
    if (isNew) {
      current = `${step} ${file} ${at}`;
      [begun, from, toldAt, tenths] = [now(), done, 0, 0];
      terminal.write(`${step === 'fetch' ? `${file} from` : `${file} to`} ${at} …\n`);
      return;
    }
    const isWhole = total !== undefined && done >= total;
    if (!isWhole && now() - toldAt < EVERY_MS) return;
    const reached = total === undefined ? 0 : Math.floor((done * 10) / total);
    if (!terminal.isTTY && reached === tenths) return;
    tenths = reached;
    toldAt = now();
    const line = `  ${amounts(done, total)}${speed(done - from, now() - begun, total === undefined ? 0 : total - done)}`;
    terminal.write(terminal.isTTY ? `\r${line.padEnd(60)}${isWhole ? '\n' : ''}` : `${line}\n`);
  };
}

const amounts = (done: number, total: number | undefined): string =>
  total === undefined
    ? megabytes(done)
    : `${megabytes(done)} of ${megabytes(total)} (${Math.floor((done * 100) / total)} %)`;

/** `, 100 kB/s, 8 s left` */
function speed(moved: number, ms: number, left: number): string {
  if (moved <= 0 || ms <= 0) return '';
  const perSecond = (moved * 1000) / ms;
  return `, ${Math.round(perSecond / 1000)} kB/s${left > 0 ? `, ${Math.ceil(left / perSecond)} s left` : ''}`;
}

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
