export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\[\\"n])*",)*[a-z_]+="(?:[^"\\]|\\[\\"n])*)"\})? ([0-9]+)$/;
const COMMENT = /^# (?:HELP [a-z_]+ \S.*|TYPE [a-z_]+ gauge)$/;

/** A page in Prometheus' text format, read strictly: no line that is not wholly understood, no byte that is not UTF-8. */
export function readPage(page: Buffer): readonly Sample[] {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(page);
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  return text
    .slice(0, -1)
    .split('\n')
    .filter((line) => !COMMENT.test(line))
    .map((line) => {
      const [, name, labels, value] = SAMPLE.exec(line) ?? [];
      if (name === undefined) throw new Error(`not a sample: ${JSON.stringify(line)}`);
      return { name, labels: labelsOf(`${labels ?? ''}"`), value: Number(value) };
    });
}

const labelsOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(/([a-z_]+)="((?:[^"\\]|\\[\\"n])*)"/g)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll(/\\(.)/g, (_all, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
    ]),
  );
