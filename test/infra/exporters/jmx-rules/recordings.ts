import { readFile } from 'node:fs/promises';

export type Value = number | boolean | string;

/** One value of a bean; `path` is `Attribute`, or `Attribute:key` in a composite. */
export interface Attribute {
  readonly bean: string;
  readonly path: string;
  readonly value: Value;
}

/**
 * What a real daemon of Hadoop 3.4.1 on Java 17 has, read from its /jmx: a bean's name, and below it, indented, its
 * attributes. Texts are cut; lists, and the names of beans' classes, are left out.
 */
export async function readRecording(daemon: string): Promise<readonly Attribute[]> {
  const text = await readFile(`test/infra/exporters/jmx-rules/recorded/${daemon}.txt`, 'utf8');
  return text
    .trim()
    .split('\n\n')
    .flatMap((block) => {
      const [bean = '', ...lines] = block.split('\n');
      return lines.map((line) => {
        const [path = '', value = ''] = line.trim().split(/ = (.*)/);
        return { bean, path, value: JSON.parse(value) as Value };
      });
    });
}
