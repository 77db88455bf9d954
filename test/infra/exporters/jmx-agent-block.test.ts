import { chmod, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyConf, put, shell, writeBlock } from './jmx-env-file.ts';

const NAME = 'hadoop-env.sh';
const LINE = ': line of the namenode';

const bytes = async (file: string): Promise<string> => await readFile(file, 'latin1');

describe('the block in an env file', () => {
  test.each([
    ['lines', 'export A=1\nexport B=2\n'],
    ['no end of the last line', 'export A=1\nexport B=2'],
    ['nothing', ''],
    ['one empty line', '\n'],
    ['empty lines at the end', 'export A=1\n\n\n'],
    ['a continued last line', 'export A="1 2" \\\n'],
    ['a continued last line without an end', 'export A="1 2" \\'],
    ['bytes that are no text', '# \u00ff\u0080\u0001\nexport A=1\n'],
    [
      'our words in lines of the user',
      '# see # BEGIN prometheus-on-emr jmx\nexport A=1\n # END prometheus-on-emr jmx\n',
    ],
  ])("%s: the user's bytes stay in front, and taking the block away leaves them alone", async (_name, body) => {
    const at = await emptyConf();
    const file = await put(at, NAME, body);
    expect(await writeBlock(at, NAME, LINE)).toBe('true');
    const written = await bytes(file);
    expect(written.startsWith(body)).toBe(true);
    expect(written).toMatch(
      /(^|\n)\n# BEGIN prometheus-on-emr jmx.*\n(.*\n)*: line of the namenode\n(.*\n)*# END prometheus-on-emr jmx\n$/,
    );
    expect(await writeBlock(at, NAME, LINE)).toBe('false');
    expect(await bytes(file)).toBe(written);
    expect(await writeBlock(at, NAME, '')).toBe('true');
    expect(await bytes(file)).toBe(body);
    expect(await writeBlock(at, NAME, '')).toBe('false');
    expect(await readdir(at.conf)).toEqual([NAME]);
  });

  test("somebody's edit inside the block is replaced, other lines of the block take its place", async () => {
    const at = await emptyConf();
    const file = await put(at, NAME, 'export A=1\n');
    await writeBlock(at, NAME, LINE);
    const written = await bytes(file);
    await writeFile(file, written.replace(LINE, `export EDITED=1\n${LINE}`));
    expect(await writeBlock(at, NAME, LINE)).toBe('true');
    expect(await bytes(file)).toBe(written);
    await writeBlock(at, NAME, ': another');
    expect(await bytes(file)).toBe(written.replace(LINE, ': another'));
  });

  test('lines that somebody added below move above it, and stay when it goes', async () => {
    const at = await emptyConf();
    const file = await put(at, NAME, 'export A=1');
    await writeBlock(at, NAME, LINE);
    await writeFile(file, `${await bytes(file)}export B=2\n`);
    await writeBlock(at, NAME, LINE);
    expect((await bytes(file)).startsWith('export A=1\nexport B=2\n\n# BEGIN')).toBe(true);
    await writeBlock(at, NAME, '');
    expect(await bytes(file)).toBe('export A=1\nexport B=2\n');
  });

  test('put back after the whole file was rewritten, as a reconfiguration by EMR does', async () => {
    const at = await emptyConf();
    const file = await put(at, NAME, 'export A=1\n');
    await writeBlock(at, NAME, LINE);
    const written = await bytes(file);
    await put(at, NAME, 'export A=2\n');
    expect(await writeBlock(at, NAME, LINE)).toBe('true');
    expect(await bytes(file)).toBe(written.replace('A=1', 'A=2'));
  });

  test.each([
    ['its end is gone', (body: string) => body.replace('# END prometheus-on-emr jmx\n', '')],
    ['its begin is gone', (body: string) => body.replace('# BEGIN prometheus-on-emr jmx\n', '')],
    ['it is there twice', (body: string) => body + body],
  ])('%s: refused with what to do, nothing written', async (_name, damage) => {
    const at = await emptyConf();
    const file = await put(at, NAME, 'export A=1\n');
    await writeBlock(at, NAME, LINE);
    const damaged = damage(await bytes(file));
    await writeFile(file, damaged);
    for (const lines of [LINE, '']) expect(await writeBlock(at, NAME, lines)).toContain('take both lines away');
    expect(await bytes(file)).toBe(damaged);
    expect(await readdir(at.conf)).toEqual([NAME]);
  });

  test.each([
    ['a file that no shell reads', 'if true; then\n', 'is not valid shell'],
    ['an open quote', 'export A="1\n', 'is not valid shell'],
  ])('%s is left as it is', async (_name, body, reason) => {
    const at = await emptyConf();
    const file = await put(at, NAME, body);
    expect(await writeBlock(at, NAME, LINE)).toContain(reason);
    expect(await bytes(file)).toBe(body);
    expect(await readdir(at.conf)).toEqual([NAME]);
  });

  test('no such file, or a folder where others may write: refused', async () => {
    const at = await emptyConf();
    expect(await writeBlock(at, NAME, LINE)).toContain('there is no');
    await put(at, NAME, '');
    await chmod(at.conf, 0o777);
    expect(await writeBlock(at, NAME, LINE)).toContain('nobody else may write there');
    expect(await bytes(join(at.conf, NAME))).toBe('');
  });

  test.each([
    ['a pipe', async (file: string) => void (await shell(`mkfifo ${file}`))],
    ['a link to a device', async (file: string) => await symlink('/dev/zero', file)],
    ['larger than 1 MB', async (file: string) => await writeFile(file, '# a line\n'.repeat(120_000))],
  ])('a file that is %s is not read: refused with what it must be', async (_name, make) => {
    const at = await emptyConf();
    await make(join(at.conf, NAME));
    for (const lines of [LINE, ''])
      expect(await writeBlock(at, NAME, lines)).toMatch(/ must be a file of at most 1 MB$/);
    expect(await readdir(at.conf)).toEqual([NAME]);
  });

  test('a link stays a link, and the mode of the file behind it stays', async () => {
    const at = await emptyConf();
    const real = await put(at, 'real-env.sh', 'export A=1\n');
    await chmod(real, 0o640);
    await symlink('real-env.sh', join(at.conf, NAME));
    expect(await writeBlock(at, NAME, LINE)).toBe('true');
    expect(await readlink(join(at.conf, NAME))).toBe('real-env.sh');
    expect((await stat(real)).mode & 0o777).toBe(0o640);
    expect(await bytes(real)).toContain(LINE);
  });
});
