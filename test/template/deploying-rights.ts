import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const page = await readFile(join(import.meta.dirname, '../../docs/deploy.md'), 'utf8');
const [, section = ''] = /^## What the deploying credentials need$(.*?)^## /ms.exec(page) ?? [];

/** The rows of docs/deploy.md, whose actions leave out the service that the one before has named. */
export const deployingRights: ReadonlyMap<string, readonly string[]> = new Map(
  [...section.matchAll(/^\| (?!for |-)(.*?) \| (.*) \|$/gm)].map(([, purpose = '', text = '']) => {
    let service = '';
    const actions = [...text.matchAll(/`([\w:]+)`/g)].map(([, word = '']) => {
      const [prefix, name] = word.split(':');
      if (name === undefined) return `${service}:${word}`;
      service = prefix ?? '';
      return word;
    });
    return [purpose, actions];
  }),
);

/** What the commands and osls call themselves. */
export const ownRights: readonly string[] = [...deployingRights].flatMap(([purpose, actions]) =>
  purpose.startsWith('`AWS::') ? [] : actions,
);
