import { appendFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { document } from '../../../infra/exporters/jmx/document.ts';
import { rulesOfDaemons } from '../../../infra/exporters/jmx/rules/all.ts';
import { checkCommitted } from '../../../infra/exporters/jmx/rules/check-committed.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jmx-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp('infra/exporters/jmx', folder, { recursive: true });
});

/** What the install document is made with. */
async function pack(): Promise<string> {
  const { FILES: files } = document.constants;
  if (typeof files !== 'function') throw new TypeError('FILES is made of the folder');
  return await files(pathToFileURL(`${folder}/`));
}

test('the rules that are committed are packaged', async () => {
  expect((await pack()).length).toBeGreaterThan(1_000);
});

test.each<[string, (rules: string) => Promise<void>, string]>([
  [
    'changed by hand',
    (rules) => appendFile(join(rules, 'namenode.yml'), '# mine\n'),
    'rules/namenode.yml: is not what the table says: npm run metrics',
  ],
  [
    'that does not parse',
    (rules) => writeFile(join(rules, 'zkfc.yml'), 'rules: [\n<<<<<<< HEAD\n'),
    'rules/zkfc.yml: is not what the table says: npm run metrics',
  ],
  [
    'that is gone',
    (rules) => rm(join(rules, 'datanode.yml')),
    'rules/datanode.yml: is not what the table says: npm run metrics',
  ],
  [
    'of a daemon that is not watched',
    (rules) => writeFile(join(rules, 'nimbus.yml'), 'rules: []\n'),
    'rules/nimbus.yml: no daemon of daemons.ts has this name: remove the file',
  ],
])('with a rule file %s nothing is packaged, and the file and the fix are named', async (_what, spoil, problem) => {
  await spoil(join(folder, 'rules'));
  await expect(pack()).rejects.toThrow(`the rules of jmx:\n${problem}`);
});

test('a daemon without rules is named', async () => {
  const table = rulesOfDaemons.filter(({ daemon }) => daemon !== 'zkfc');
  const checked = checkCommitted(pathToFileURL(join(folder, 'rules/')), table);
  await expect(checked).rejects.toThrow('rules/zkfc.yml: the table has no rules for it: add them to all.ts');
});
