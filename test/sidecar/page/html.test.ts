import { expect, test } from 'vitest';
import { html, shortened, textOf, visible } from '../../../sidecar/page/html.ts';

test.each<[string, string, string]>([
  ['markup', `<b>&"'`, '&#60;b&#62;&#38;&#34;&#39;'],
  ['an entity that is there already', '&lt;', '&#38;lt;'],
  ['control characters', 'a\u0007\n\u0000b', 'a[U+0007][U+000A][U+0000]b'],
  ['what turns the direction', 'a\u202Eb\u2066', 'a[U+202E]b[U+2066]'],
  ['what is not seen', 'a\u200Bb\uFEFF\u{E0041}', 'a[U+200B]b[U+FEFF][U+E0041]'],
  ['a line separator', 'a\u2028b', 'a[U+2028]b'],
  [
    'a letter with more marks than any script has',
    `a${'\u0300'.repeat(6)}b`,
    `a${'\u0300'.repeat(4)}[U+0300][U+0300]b`,
  ],
  ['half a pair', 'a\uD83D', 'a[U+D83D]'],
  ['letters and emoji of any script', 'été שָׁלוֹם Việt 数据 👩‍💻', 'été שָׁלוֹם Việt 数据 👩‍💻'],
])('%s in a value of a page is text and nothing else', (_name, value, expected) => {
  expect(textOf(html`<p title="${value}">${[value]}</p>`)).toBe(`<p title="${expected}">${expected}</p>`);
});

test('what is HTML already is not escaped twice, nothing is put for undefined, and indentation is not sent', () => {
  expect(
    textOf(
      html`<ul>
        ${[html`<li>${1}</li>`, undefined]}
      </ul>`,
    ),
  ).toBe('<ul>\n<li>1</li>\n</ul>');
});

test('the white space of a value is left as it is, its line feeds are seen', () => {
  const page = html`<p>${'a\n  b'}</p>`;
  expect(textOf(page)).toBe('<p>a[U+000A]  b</p>');
});

test.each<[string, number, string]>([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['👩👩👩👩', 3, '👩👩…'],
  ['\n\n\n', 9, '[U+000A]…'],
  ['x'.repeat(1e6), 4, 'xxx…'],
])('%j is at most %i characters long as it is seen', (text, most, expected) => {
  expect(shortened(text, most)).toBe(expected);
  expect(shortened(text, most).length).toBeLessThanOrEqual(2 * most);
});

test('a text without anything unseen is left as it is', () => {
  expect(visible('etl-nightly (prod) — 2026')).toBe('etl-nightly (prod) — 2026');
});
