import { readdir, readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';

test('docs/page.md shows every picture that take-screenshots.ts makes, and each is light', async () => {
  const [text, maker] = await Promise.all([
    readFile('docs/page.md', 'utf8'),
    readFile('test/sidecar/page/take-screenshots.ts', 'utf8'),
  ]);
  const shown = [...text.matchAll(/images\/(page-\w+\.png)/g)].map(([, name = '']) => name).toSorted();
  const there = (await readdir('docs/images')).filter((name) => name.startsWith('page-')).toSorted();
  const made = [...maker.matchAll(/^ {2}(\w+): \{ path/gm)].map(([, name]) => `page-${name}.png`).toSorted();
  expect(shown).toEqual(made);
  expect(there).toEqual(made);
  const sizes = await Promise.all(
    there.map(async (name) => ({ name, bytes: (await stat(`docs/images/${name}`)).size })),
  );
  expect(sizes.filter(({ bytes }) => bytes > 100_000)).toEqual([]);
});
